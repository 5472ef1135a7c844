import { type Static, Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EventData } from '../../../events/registry.ts';
import {
  RecipeRehearsal,
  RecipeSource,
  RecipeSourceChange,
  RecipeSourceInput,
  RolloutInput,
} from '../../documents/recipe-source-schema.ts';
import { AppError } from '../../floor/app-error.ts';
import { decisionOn } from '../../projector/decision.ts';
import { type ProjectRehearsal, rehearse } from '../../recipe-sets/rehearse.ts';
import { checkSaid, rolloutMeant, type SourceStep, versionMeant } from '../../recipe-sets/rules/rollout-meant.ts';
import { callerOf, sees } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';
import { changeableSource, shownSource, sourcesOf, versionDeps, visibleSource } from './shown-source.ts';
import { keepSource } from './stored-source.ts';

const named = Type.Object({ owner: Type.String(), name: Type.String() });
const Answer = success({ source: RecipeSource });

/** Recipe sets of other repositories: where they are, what they would change, and which version goes where. */
export const recipeSourceRoutes: Routes = (app, deps) => {
  const { models } = deps;
  const answer = async (id: string, seq: number, request: FastifyRequest, reply: FastifyReply, status: number) => {
    await visible(models, seq, reply, status);
    const source = models.query().recipeSources.find(id);
    if (!source)
      throw new AppError('conflict', 'The source was removed at the same moment.', { name: 'changed_meanwhile' });
    return { ok: true as const, source: await shownSource(source, callerOf(request), deps) };
  };
  app.get(
    '/recipe-sources',
    {
      schema: {
        summary: 'Recipe sources that your projects may name: those of your team, and those of the farm',
        response: { 200: success({ sources: Type.Array(RecipeSource) }) },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const found = sourcesOf(caller, deps);
      return { ok: true as const, sources: await Promise.all(found.map((one) => shownSource(one, caller, deps))) };
    },
  );
  app.post(
    '/recipe-sources',
    {
      schema: {
        summary: 'Name a repository whose recipes projects may take (of the farm: admin)',
        body: RecipeSourceInput,
        response: { 201: Answer },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const { id, seq } = await keepSource(request.body, callerOf(request), deps);
        reply.header('location', `/recipe-sources/${id}`);
        return answer(id, seq, request, reply, 201);
      }),
  );
  app.get(
    '/recipe-sources/:owner/:name',
    {
      schema: {
        summary: 'A recipe source: its versions, who has which, and what waits',
        params: named,
        response: { 200: Answer },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      return {
        ok: true as const,
        source: await shownSource(visibleSource(request.params, caller, deps), caller, deps),
      };
    },
  );
  app.put(
    '/recipe-sources/:owner/:name',
    {
      schema: {
        summary: 'Give a recipe source another repository, ref or folder; its versions and tiers stay',
        params: named,
        body: RecipeSourceChange,
        response: { 200: Answer },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const before = changeableSource(request.params, caller, deps);
        const input = { ...request.body, name: before.name, farm: before.owner === null };
        const { id, seq } = await keepSource(input, caller, deps, before.owner);
        return answer(id, seq, request, reply, 200);
      }),
  );
  app.delete(
    '/recipe-sources/:owner/:name',
    {
      schema: {
        summary: 'Remove a recipe source that no project names',
        params: named,
        response: { 200: success({}) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { id, owner } = changeableSource(request.params, caller, deps);
      const decision = await decisionOn('RecipeSourceRemoved', id, deps);
      const found = changeableSource(request.params, caller, { models: decision });
      const using = decision.query().recipeSources.using(id);
      if (using.length > 0)
        throw new AppError(
          'conflict',
          `${using.length} projects take recipes from ${id}: let them name another one first.`,
          {
            name: 'source_used',
          },
        );
      const { seq } = await decision.append({ source: id, owner, by: caller.name });
      await visible(models, seq, reply, 200);
      if (found.credential_ref) await deps.vault.erase(found.credential_ref);
      return { ok: true as const };
    },
  );
  app.get(
    '/recipe-sources/:owner/:name/diff',
    {
      schema: {
        summary: 'What a version would change for your projects, by what is stored; nothing is run or changed',
        params: named,
        querystring: Type.Object({
          sha: Type.Optional(
            Type.String({ pattern: '^[0-9a-f]{7,64}$', description: 'the newest version unless told' }),
          ),
        }),
        response: { 200: success({ sha: Type.String(), projects: Type.Array(RecipeRehearsal) }) },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const source = visibleSource(request.params, caller, deps);
      const { sha } = versionMeant(source, request.query.sha);
      const using = models
        .query()
        .recipeSources.using(source.id)
        .filter(({ name, owner }) => sees(caller, name, owner));
      const scene = { query: models.query, deps: versionDeps(deps) };
      const projects: ProjectRehearsal[] = [];
      for (const project of using) projects.push(await rehearse(project, source, sha, scene));
      return { ok: true as const, sha, projects };
    },
  );
  const decide = async (step: SourceStep, request: FastifyRequest, reply: FastifyReply) =>
    once(request, reply, deps, async () => {
      const caller = callerOf(request);
      const where = request.params as Static<typeof named>;
      const { id } = changeableSource(where, caller, deps);
      const decision = await decisionOn('RecipeRolloutDecided', id, deps);
      const source = changeableSource(where, caller, { models: decision });
      const data: EventData<'RecipeRolloutDecided'> = rolloutMeant(step, source, {
        ...((request.body ?? {}) as Static<typeof RolloutInput>),
        by: caller.name,
      });
      const { seq } = await decision.append(data);
      return answer(id, seq, request, reply, 200);
    });
  const steps: readonly (readonly [SourceStep, string])[] = [
    ['rollout', 'Give a version to every project now, whatever canaries said; the newest one unless told'],
    ['hold', 'Let nothing new go out by itself, or not this version, until that is released'],
    ['release', 'Take one hold away: that of a version; without one the freeze, or the only hold that there is'],
    ['rollback', 'Give every project an earlier version again, and hold the one they had'],
  ];
  for (const [step, summary] of steps)
    app.post(
      `/recipe-sources/:owner/:name/${step}`,
      {
        schema: {
          summary,
          params: named,
          body: Type.Optional(Type.Union([RolloutInput, Type.Null()])),
          response: { 200: Answer },
        },
        preValidation: async (request) => checkSaid(request.body),
      },
      async (request, reply) => decide(step, request, reply),
    );
};
