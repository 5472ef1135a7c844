import { Type } from '@sinclair/typebox';
import { Commit, closed, Name, nullable, oneOf, Sha256, text } from '../../../events/fields.ts';
import { BottleBudget } from '../../../events/jobs/agent-manifest.ts';
import { type BottleDoc, bottleStatuses } from '../../../projections/work/bottles.ts';
import { requestRun } from '../../bottles/request-run.ts';
import { resolveManifest } from '../../bottles/rules/resolve-manifest.ts';
import { storedDiff } from '../../bottles/stored-diff.ts';
import { AppError, bodyFault } from '../../floor/app-error.ts';
import { decisionOn } from '../../projector/decision.ts';
import { cursorOf, numberIn } from '../answers/cursor.ts';
import { type Caller, callerOf, sees } from '../authenticate.ts';
import { type ApiDeps, NextCursor, pageQuery, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { ownProject } from '../projects/project-routes.ts';
import { visible } from '../visible.ts';
import { Bottle, BottleCall } from './bottle-schema.ts';
import { withSpending } from './bottle-spending.ts';

const byId = Type.Object({ id: Type.String() });

/** Bottles: agents at work in jobs. Whoever may ask for jobs of a project may ask for one, and sees those of their projects. */
export const bottleRoutes: Routes = (app, deps) => {
  const { models, log, bottles } = deps;
  app.post(
    '/bottles',
    {
      schema: {
        summary: 'Have an agent work on a project, in a sandbox and by a manifest',
        body: closed({
          project: Name,
          agent: Name,
          prompt: text(65_536, 1),
          subproject: Type.Optional(nullable(text(512, 1))),
          sha: Type.Optional(Commit),
          /** The frozen state of an earlier bottle of the project. */
          session: Type.Optional(nullable(Sha256)),
          budget: Type.Optional(BottleBudget),
        }),
        response: { 202: success({ bottle: Bottle }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const { project: name, agent, prompt, subproject = null, sha, session = null, budget } = request.body;
        // The document that says what an agent may do is the newest there is.
        await decisionOn('ProjectUpdated', name, deps);
        const project = ownProject(name, caller, deps);
        resolveManifest(agent, project.agents, { watchdogSecs: deps.config.bottleWatchdogSecs });
        if (subproject !== null && !project.subprojects.some(({ path }) => path === subproject))
          throw bodyFault('subproject', `${name} has no subproject ${JSON.stringify(subproject)}`);
        if (session !== null && !models.query().bottles.isOf(project.name, session))
          throw bodyFault('session', `no bottle of ${name} left this state, or it is deleted`);
        const run = await requestRun(
          {
            ...{ project: name, owner: project.owner, subproject, agent, prompt, session, requested_by: caller.name },
            work: { kind: 'manual', ...(sha ? { ref: sha } : {}) },
            ...(budget ? { budget } : {}),
          },
          { log },
        );
        await visible(models, run.seq, reply, 202);
        reply.code(202).header('location', `/bottles/${run.bottle_id}`);
        return { ok: true as const, bottle: shown(run.bottle_id, caller, deps) };
      }),
  );
  app.get(
    '/bottles',
    {
      schema: {
        summary: 'List bottles of your projects, or all of them as admin, newest first',
        querystring: Type.Object({
          ...pageQuery,
          project: Type.Optional(Type.String()),
          status: Type.Optional(oneOf(bottleStatuses)),
          live: Type.Optional(Type.Boolean({ description: 'only those that wait or work' })),
        }),
        response: { 200: success({ bottles: Type.Array(Bottle), next_cursor: NextCursor }) },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { owner, projects: among } = caller;
      const { project = null, status = null, live = false, limit = 50, cursor } = request.query;
      if (project !== null) ownProject(project, caller, deps);
      const before = numberIn(cursor, Number.MAX_SAFE_INTEGER);
      const rows = models.query().bottles.page({ owner, among, project, status, live, before, limit: limit + 1 });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        ok: true as const,
        bottles: withSpending(
          page.map(({ owner: of, doc }) => ({ owner: of, doc: JSON.parse(doc) as BottleDoc })),
          caller,
          deps,
        ),
        next_cursor: rows.length > limit && last ? cursorOf(last.seq) : null,
      };
    },
  );
  app.get(
    '/bottles/:id',
    {
      schema: {
        summary: 'A bottle with its manifest, how it ended, and what its agent asked for',
        params: byId,
        response: { 200: success({ bottle: Bottle, calls: Type.Array(BottleCall) }) },
      },
    },
    async (request) => {
      const bottle = shown(request.params.id, callerOf(request), deps);
      return { ok: true as const, bottle, calls: models.query().bottles.calls(bottle.id) };
    },
  );
  app.get(
    '/bottles/:id/diff',
    {
      schema: {
        summary: 'What a bottle changed, as git prints it; null when that is nothing',
        params: byId,
        response: {
          200: success({
            diff: nullable(Type.String()),
            digest: nullable(Type.String()),
            sha: nullable(Type.String()),
          }),
        },
      },
    },
    async (request) => {
      const bottle = ownBottle(request.params.id, callerOf(request), deps);
      const left = await storedDiff(bottle.id, { log, bottles });
      return { ok: true as const, diff: left?.diff ?? null, digest: left?.digest ?? null, sha: left?.sha ?? null };
    },
  );
};

/** A bottle of a project that a caller sees. Throws AppError('not_found'). */
export function ownBottle(id: string, caller: Caller, deps: Pick<ApiDeps, 'models'>): BottleDoc {
  return ownRow(id, caller, deps).doc;
}

function ownRow(id: string, caller: Caller, { models }: Pick<ApiDeps, 'models'>) {
  const found = models.query().bottles.find(id);
  if (!found || !sees(caller, found.doc.project, found.owner))
    throw new AppError('not_found', `There is no bottle ${id}.`);
  return found;
}

/** The same as it is sent. */
function shown(id: string, caller: Caller, deps: ApiDeps) {
  const [bottle] = withSpending([ownRow(id, caller, deps)], caller, deps);
  if (!bottle) throw new AppError('not_found', `There is no bottle ${id}.`);
  return bottle;
}
