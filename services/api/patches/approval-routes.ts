import { Type } from '@sinclair/typebox';
import { closed, nullable, Sha256, text } from '../../../events/fields.ts';
import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import { AppError } from '../../floor/app-error.ts';
import { failureOf } from '../../patcher/rules/drafting/next-turn.ts';
import { decisionOn } from '../../projector/decision.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';
import { ownPatch } from './patch-routes.ts';
import { PatchAttempt } from './patch-schema.ts';

const schemaOf = (summary: string) => ({
  summary,
  params: Type.Object({ id: Type.String() }),
  body: closed({
    digest: { ...Sha256, description: 'approval.digest of the attempt: the SHA-256 of the diff that was looked at' },
    reason: Type.Optional(nullable(text(1024))),
  }),
  response: { 200: success({ attempt: PatchAttempt }), 202: success({ attempt: PatchAttempt }) },
});

/** What a person says of a proven diff before it is pushed, where the project asks for that (`patch.approval`). */
export const approvalRoutes: Routes = (app, deps) => {
  app.post(
    '/patches/:id/approve',
    { schema: schemaOf('Let exactly the diff with this digest be pushed, and its pull request be opened') },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const decision = await decisionOn('PatchApproved', request.params.id, deps);
        const patch = ownPatch(request.params.id, caller, { models: decision });
        const { digest, reason } = request.body;
        mustBeAsked(patch, digest, deps.clock.now());
        mustBeAnother(caller, patch);
        const about = { patch_id: patch.id, project: patch.project, digest };
        const { seq } = await decision.append({ ...about, by: caller.name, reason: reason ?? '' });
        await visible(deps.models, seq, reply, 200);
        return { ok: true as const, attempt: ownPatch(patch.id, caller, deps) };
      }),
  );
  app.post(
    '/patches/:id/decline',
    { schema: schemaOf('Refuse a diff before it is pushed: the attempt ends, and this diff is not proposed again') },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const decision = await decisionOn('PatchApprovalDeclined', request.params.id, deps);
        const patch = ownPatch(request.params.id, caller, { models: decision });
        const { digest } = request.body;
        const reason = request.body.reason ?? '';
        mustBeAsked(patch, digest, deps.clock.now());
        const detail = `${caller.name} declined it${reason === '' ? '' : `: ${reason}`}.`;
        const failure = failureOf({ step: 'push', reason: 'not_approved', detail });
        const about = { patch_id: patch.id, project: patch.project, digest };
        const { seq } = await decision.append({ ...about, by: caller.name, reason, failure });
        await visible(deps.models, seq, reply, 200);
        return { ok: true as const, attempt: ownPatch(patch.id, caller, deps) };
      }),
  );
};

/** Throws AppError('conflict') unless people are asked about this very diff. */
function mustBeAsked({ status, approval }: PatchDoc, digest: string, nowMs: number): void {
  if (status !== 'awaiting_approval' || approval === null || approval.by !== null)
    throw new AppError('conflict', `The attempt does not wait for an approval: it is ${status}.`, {
      name: 'not_waiting',
    });
  if (approval.digest !== digest)
    throw new AppError('conflict', `Another diff waits by now (${approval.digest}): look at that one.`, {
      name: 'another_diff',
    });
  if (Date.parse(approval.expires_at) <= nowMs)
    throw new AppError('conflict', `The time to answer ended at ${approval.expires_at}.`, { name: 'approval_expired' });
}

/** A bearer that asked for a patch, as an agent's does, says nothing by approving it. An admin is believed to be a person. */
function mustBeAnother({ name, isAdmin }: Caller, { requested_by }: PatchDoc): void {
  if (name !== requested_by || isAdmin) return;
  throw new AppError('forbidden', `${name} asked for this patch: another maintainer has to approve it.`, {
    name: 'own_request',
  });
}
