import { Type } from '@sinclair/typebox';
import { closed, nullable, oneOf, text } from '../../../events/fields.ts';
import { type PatchDoc, patchStatuses } from '../../../projections/patches/patch-document.ts';
import { placeAwaited } from '../../attempts/awaited-place.ts';
import { AppError } from '../../floor/app-error.ts';
import { appendOnce } from '../../io/event-log.ts';
import { failureOf } from '../../patcher/rules/drafting/next-turn.ts';
import { decisionOn } from '../../projector/decision.ts';
import { provenGrant } from '../../projects/forge-access.ts';
import { numberIn } from '../answers/cursor.ts';
import { patienceOf, Wait } from '../answers/patience.ts';
import { At, isPast, readyAnswers, readyPage, type Seeing, viewAt } from '../answers/ready-answer.ts';
import { type Caller, callerOf, sees } from '../authenticate.ts';
import { type ApiDeps, NextCursor, pageQuery, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { ownJob } from '../jobs/job-routes.ts';
import { ownProject } from '../projects/project-routes.ts';
import { visible } from '../visible.ts';
import { PatchAttempt } from './patch-schema.ts';

const byId = Type.Object({ id: Type.String() });
export const ongoing: ReadonlySet<string> = new Set(['requested', 'drafted', 'verifying', 'pushed']);

/** Attempts of the patch loop: asked for, listed, looked at, and lifted when they were refused. */
export const patchRoutes: Routes = (app, deps) => {
  const { models } = deps;
  const answer = readyAnswers(deps);
  app.post(
    '/jobs/:id/patches',
    {
      schema: {
        summary: 'Try to mend a finding of a job; without finding_id the best one',
        params: byId,
        querystring: Type.Object({
          wait: Wait,
        }),
        body: Type.Optional(nullable(closed({ finding_id: Type.Optional(nullable(Type.Integer({ minimum: 1 }))) }))),
        response: {
          200: success({ attempt: nullable(PatchAttempt), reason: Type.Optional(Type.String()) }),
          202: success({ attempt: PatchAttempt }),
        },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const asked = request.body?.finding_id ?? null;
        const attempt = await begin(request.params.id, asked, { caller, deps });
        if (attempt === null) {
          reply.code(200);
          return {
            ok: true as const,
            attempt: null,
            reason: 'No finding of this job can be mended: see GET /projects/{name}/proposals.',
          };
        }
        await visible(models, attempt.seq, reply, 202);
        const patch = await settled(attempt.id, patienceOf(request, reply), deps);
        reply
          .code(ongoing.has(patch.status) && !isBranchOnly(patch) ? 202 : 200)
          .header('location', `/patches/${attempt.id}`);
        return { ok: true as const, attempt: { ...patch, diff: models.query().patches.diff(patch.id) } };
      }),
  );
  app.get(
    '/patches',
    {
      schema: {
        summary: 'List your patch attempts, or all of them as admin, newest first',
        querystring: Type.Object({
          ...pageQuery,
          project: Type.Optional(Type.String()),
          status: Type.Optional(oneOf(patchStatuses)),
          at: At,
        }),
        response: { 200: success({ patches: Type.Array(PatchAttempt), next_cursor: NextCursor }) },
      },
    },
    async (request, reply) =>
      answer(request, reply, (view, caller) => {
        const { owner, projects: among } = caller;
        const { project = null, status = null, limit = 50, cursor } = request.query;
        if (project !== null && !isPast(view)) ownProject(project, caller, view);
        const before = numberIn(cursor, Number.MAX_SAFE_INTEGER);
        const rows = view.models.query().patches.page({ owner, among, project, status, before, limit: limit + 1 });
        return readyPage('patches', rows, { limit, view, placeOf: ({ seq }) => seq });
      }),
  );
  app.get(
    '/patches/:id',
    {
      schema: {
        summary: 'An attempt with its diff, its evidence and, where it failed, why',
        params: byId,
        querystring: Type.Object({ at: At }),
        response: { 200: success({ attempt: PatchAttempt }) },
      },
    },
    async (request, reply) => {
      const view = await viewAt(request.query.at, { caller: callerOf(request), reply }, deps);
      const patch = ownPatch(request.params.id, callerOf(request), view);
      const { patches } = view.models.query();
      const place = placeAwaited(patch, patches.openOf(patch.project));
      const waiting = place === null ? {} : { waits_for: place };
      return { ok: true as const, attempt: { ...patch, ...waiting, diff: patches.diff(patch.id) } };
    },
  );
  app.get(
    '/projects/:name/proposals',
    {
      schema: {
        summary: 'Open proposals of a project, and what waits for a place or cannot be proposed, with the reason',
        params: Type.Object({ name: Type.String() }),
        response: {
          200: success({
            limit: Type.Integer(),
            open: Type.Array(PatchAttempt),
            waiting: Type.Array(
              Type.Object({
                finding_id: Type.Integer(),
                identity: Type.String(),
                kind: Type.String(),
                severity: Type.String(),
                tool: Type.String(),
                code: nullable(Type.String()),
                file: nullable(Type.String()),
                line: nullable(Type.Integer()),
                methods: Type.Array(Type.String()),
                actionable: Type.Boolean(),
                reason: Type.String(),
                detail: Type.String(),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const project = ownProject(request.params.name, callerOf(request), deps);
      const { mostOpen, waitingIn } = await waitingAttempts();
      const open = models.query().patches.openOf(project.name);
      return {
        ok: true as const,
        limit: mostOpen,
        open,
        waiting: waitingIn(project, open, { config: deps.config, query: models.query, clock: deps.clock }),
      };
    },
  );
  app.post(
    '/patches/:id/stop',
    {
      schema: {
        summary: 'End an attempt: its jobs are cancelled, its conversation ends, and nothing of it is pushed',
        params: byId,
        body: Type.Optional(nullable(closed({ reason: Type.Optional(text(1024)) }))),
        response: { 200: success({ attempt: PatchAttempt }), 202: success({ attempt: PatchAttempt }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const decision = await decisionOn('PatchStopped', request.params.id, deps);
        const { id, project, open, pr_number } = ownPatch(request.params.id, caller, { models: decision });
        if (!open) throw new AppError('conflict', 'The attempt is over.', { name: 'patch_over' });
        if (pr_number !== null)
          throw new AppError('conflict', 'It has a pull request: close that, and it is not proposed again.', {
            name: 'pull_open',
          });
        const reason = request.body?.reason ?? '';
        const detail = `${caller.name} stopped it${reason === '' ? '' : `: ${reason}`}.`;
        const failure = failureOf({ step: 'context', reason: 'stopped', detail });
        const { seq } = await decision.append({ patch_id: id, project, failure, by: caller.name, reason });
        await visible(models, seq, reply, 200);
        return { ok: true as const, attempt: ownPatch(id, caller, deps) };
      }),
  );
  app.post(
    '/patches/:id/reconsider',
    {
      schema: {
        summary: 'Lift the refusal of what an attempt was to mend, and the end of its attempts',
        params: byId,
        body: Type.Optional(nullable(closed({ reason: Type.Optional(text(1024)) }))),
        response: { 200: success({ attempt: PatchAttempt }), 202: success({ attempt: PatchAttempt }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const decision = await decisionOn('PatchReconsidered', request.params.id, deps);
        const { id, project, open } = ownPatch(request.params.id, caller, { models: decision });
        if (open)
          throw new AppError('conflict', 'The attempt is still open: there is nothing to lift.', {
            name: 'patch_open',
          });
        const data = { patch_id: id, project, by: caller.name, reason: request.body?.reason ?? '' };
        const { seq } = await decision.append(data);
        await visible(models, seq, reply, 200);
        return { ok: true as const, attempt: ownPatch(id, caller, deps) };
      }),
  );
};

/** Loaded when somebody asks: they know every tool card and what may be mended. */
const attempts = () => import('../../attempts/request-attempts.ts');
const waitingAttempts = () => import('../../attempts/waiting-attempts.ts');

type Beginning = { readonly caller: Caller; readonly deps: ApiDeps };

/** Begins an attempt, or finds the one that is under way; null when nothing of the job can be mended. */
async function begin(jobId: string, findingId: number | null, { caller, deps }: Beginning) {
  const { models, config, log } = deps;
  const { job_id, project: name } = JSON.parse(ownJob(jobId, caller, deps).doc) as { job_id: string; project: string };
  const project = ownProject(name, caller, deps);
  const asking = { config, query: models.query, clock: deps.clock };
  const { baseOf, choicesOf, findingsOf, forgeOf, objectionTo, requestOf } = await attempts();
  await provenGrant(project, deps);
  forgeOf(project, asking);
  const seen = findingsOf(job_id, asking);
  const wanted = findingId === null ? null : seen.find(({ id }) => id === findingId);
  if (wanted === undefined) throw new AppError('not_found', 'There is no such finding in this job.');
  if (wanted) {
    const active = models.query().patches.standing(wanted.identity).active;
    if (active) return { id: active.id, seq: active.seqs.requested };
    const objection = objectionTo(wanted, project, asking);
    if (objection) throw new AppError(objection.code, objection.why, { name: objection.reason });
    if (!baseOf(wanted.id, asking))
      throw new AppError('conflict', 'The run that saw the finding is not known any more.', { name: 'job_gone' });
  }
  const choices = choicesOf(seen, project, asking);
  const choice = wanted ? choices.find(({ members }) => members.some(({ id }) => id === wanted.id)) : choices[0];
  const draft = choice ? requestOf(choice, { project, by: caller.name }, asking) : null;
  if (!draft) return null;
  // What is there is the same attempt, begun by somebody else at the same time.
  return { id: draft.id, seq: (await appendOnce(log, draft, { expect: 0 })).seq };
}

export const isBranchOnly = ({ status, forge }: PatchDoc) => status === 'pushed' && forge === 'none';

/** Waits until there is nothing more to wait for: an end, a pull request, or a branch where there is no forge. */
export async function settled(id: string, patienceMs: number, { models }: ApiDeps): Promise<PatchDoc> {
  const look = () => models.query().patches.find(id)?.doc;
  const isSettled = (patch: PatchDoc | undefined) => !patch || !ongoing.has(patch.status) || isBranchOnly(patch);
  if (patienceMs > 0 && !isSettled(look())) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = models.onCommit(() => {
      if (isSettled(look())) resolve();
    });
    const timer = setTimeout(resolve, patienceMs);
    if (isSettled(look())) resolve();
    await promise;
    clearTimeout(timer);
    stop();
  }
  const patch = look();
  if (!patch) throw new AppError('not_found', 'There is no such patch attempt.');
  return patch;
}

/** An attempt that the caller may see; not there and somebody else's look the same. */
export function ownPatch(id: string, caller: Caller, { models, shows }: Seeing): PatchDoc {
  const found = models.query().patches.find(id);
  if (!found || !sees(caller, found.doc.project, found.owner) || shows?.(found.doc.project) === false)
    throw new AppError('not_found', 'There is no such patch attempt.');
  return found.doc;
}
