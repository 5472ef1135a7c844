import { type Static, Type } from '@sinclair/typebox';
import { closed, Name, nullable } from '../../../events/fields.ts';
import { BranchPattern, type SecretLayer, SecretName, secretId } from '../../../events/people/secret.ts';
import type { SecretDoc } from '../../../projections/projects/secrets.ts';
import { AppError } from '../../floor/app-error.ts';
import { isMaskable } from '../../floor/text/redactor.ts';
import { decisionOn } from '../../projector/decision.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { wholeTeam } from '../teams/team-routes.ts';
import { visible } from '../visible.ts';
import { noSuchProject, ownProject, wentBetween } from './project-routes.ts';

const Secret = Type.Object(
  {
    name: Type.String(),
    layer: Type.String({ description: 'project, team or farm; the nearest one of a name wins' }),
    branches: nullable(Type.Array(Type.String(), { description: 'null: the default branch alone' })),
    teams: nullable(Type.Array(Type.String(), { description: 'of a secret of the farm; null: every team' })),
    created_at: Type.String(),
    set_at: Type.String(),
    set_by: Type.String(),
  },
  { title: 'Secret' },
);
const NewValue = closed(
  {
    value: Type.String({ minLength: 1, maxLength: 65_536, description: 'kept sealed, and never shown again' }),
    branches: Type.Optional(nullable(Type.Array(BranchPattern, { minItems: 1, maxItems: 32, uniqueItems: true }))),
    teams: Type.Optional(nullable(Type.Array(Name, { minItems: 1, maxItems: 256, uniqueItems: true }))),
  },
  { title: 'SecretValue' },
);
const Stored = success({ secret: Secret, warnings: Type.Array(Type.String()) });
const Listed = success({ secrets: Type.Array(Secret) });
const Removed = success({ name: Type.String() });

type Place = { readonly layer: SecretLayer; readonly of: string | null; readonly name: string };
type Params = { name?: string; team?: string; secret: string };

/** Where secrets are set, and who may: a place is answered only to whoever it belongs to. */
const doors: readonly {
  readonly path: string;
  readonly params: ReturnType<typeof Type.Object>;
  readonly layer: SecretLayer;
  readonly what: string;
  readonly whose: (params: Params, caller: Caller, deps: ApiDeps) => string | null;
}[] = [
  {
    path: '/projects/:name/secrets',
    params: Type.Object({ name: Type.String() }),
    layer: 'project',
    what: 'a project',
    whose: ({ name = '' }, caller, deps) => ownProject(name, caller, deps).name,
  },
  {
    path: '/teams/:team/secrets',
    params: Type.Object({ team: Type.String() }),
    layer: 'team',
    what: 'a team, for all of its projects',
    whose: ({ team = '' }, caller, deps) => wholeTeam(team, caller, deps),
  },
  {
    path: '/admin/secrets',
    params: Type.Object({}),
    layer: 'farm',
    what: 'the farm, for the teams that it names or all of them',
    whose: () => null,
  },
];

/** Secrets that recipes name: set, renewed, listed without their values, and removed. */
export const secretRoutes: Routes = (app, deps) => {
  const { models } = deps;
  for (const { path, params, layer, what, whose } of doors) {
    const named = Type.Object({ ...params.properties, secret: SecretName });
    const placeOf = (given: unknown, caller: Caller): Place => {
      const asked = given as Params;
      return { layer, of: whose(asked, caller, deps), name: asked.secret };
    };
    app.get(
      path,
      { schema: { summary: `The secrets of ${what}`, params, response: { 200: Listed } } },
      async (request) => {
        const of = whose(request.params as unknown as Params, callerOf(request), deps);
        return { ok: true as const, secrets: models.query().secrets.of(layer, of).map(shown) };
      },
    );
    app.put(
      `${path}/:secret`,
      {
        schema: {
          summary: `Set or renew a secret of ${what}`,
          params: named,
          body: NewValue,
          response: { 200: Stored },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request);
        const project = layer === 'project' ? ((request.params as unknown as Params).name ?? '') : null;
        // Whose the project is now, is looked at where nobody can be overtaken unseen.
        const standing = project === null ? null : await decisionOn('ProjectRemoved', project, deps);
        const place = placeOf(request.params, caller);
        const { seq, doc } = await setSecret(place, request.body, caller, deps);
        await visible(models, seq, reply, 200);
        if (project !== null && (await wentBetween(project, standing?.at ?? 0, seq, deps))) {
          await takeBack(place, doc.value_ref, caller, deps);
          throw noSuchProject();
        }
        return {
          ok: true as const,
          secret: shown(models.query().secrets.find(place) ?? doc),
          warnings: warningsOf(place, request.body),
        };
      },
    );
    app.delete(
      `${path}/:secret`,
      { schema: { summary: `Remove a secret of ${what}`, params: named, response: { 200: Removed } } },
      async (request, reply) => {
        const caller = callerOf(request);
        const place = placeOf(request.params, caller);
        const decision = await decisionOn('SecretRemoved', secretId(place), deps);
        const known = decision.query().secrets.find(place);
        if (!known) throw new AppError('not_found', 'There is no such secret.');
        const { seq } = await decision.append({ ...place, by: caller.name });
        await deps.vault.erase(known.value_ref);
        await visible(models, seq, reply, 200);
        return { ok: true as const, name: place.name };
      },
    );
  }
};

/** Keeps the new value, then says that it is there, then forgets the old one: a job finds one of both at any moment. */
async function setSecret(
  place: Place,
  { value, branches = null, teams = null }: Static<typeof NewValue>,
  caller: Caller,
  deps: ApiDeps,
) {
  if (value.includes('\0'))
    throw new AppError('invalid', '/body/value: cannot hold a NUL character, as no variable of an environment can', {
      faults: [{ path: '/body/value', message: 'cannot hold a NUL character' }],
    });
  const decision = await decisionOn('SecretSet', secretId(place), deps);
  const before = decision.query().secrets.find(place);
  const value_ref = await deps.vault.put(value);
  const data = { ...place, by: caller.name, value_ref, branches, teams: place.layer === 'farm' ? teams : null };
  const { seq } = await decision.append(data).catch(async (error) => {
    if (error instanceof AppError && error.code === 'conflict') await deps.vault.erase(value_ref);
    throw error;
  });
  if (before) await deps.vault.erase(before.value_ref);
  const now = new Date(deps.clock.now()).toISOString();
  const { by: set_by, ...rest } = data;
  return { seq, doc: { ...rest, set_by, set_at: now, created_at: before?.created_at ?? now } };
}

/** Set while its project went: it belongs to nobody. */
async function takeBack(place: Place, value_ref: string, caller: Caller, deps: ApiDeps): Promise<void> {
  const decision = await decisionOn('SecretRemoved', secretId(place), deps);
  if (decision.query().secrets.find(place)?.value_ref === value_ref)
    await decision.tryAppend({ ...place, by: caller.name });
  await deps.vault.erase(value_ref);
}

function shown({ name, layer, branches, teams, created_at, set_at, set_by }: SecretDoc) {
  return { name, layer, branches, teams, created_at, set_at, set_by };
}

function warningsOf({ name }: Place, { value }: { value: string }): string[] {
  return isMaskable(value)
    ? []
    : [`${name} has fewer than six characters: it is too short to be kept out of what jobs print.`];
}
