import { Type } from '@sinclair/typebox';
import { closed, text } from '../../../events/fields.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import { digestOf } from '../../../projections/patches/patches.ts';
import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import { AppError, bodyFault } from '../../floor/app-error.ts';
import { appendOnce } from '../../io/event-log.ts';
import { provenGrant } from '../../projects/forge-access.ts';
import { patienceOf, Wait } from '../answers/patience.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import type { ApiDeps, Routes } from '../define.ts';
import { success } from '../define.ts';
import { ownFinding } from '../findings/finding-routes.ts';
import { once } from '../idempotency.ts';
import { ownProject } from '../projects/project-routes.ts';
import { visible } from '../visible.ts';
import { isBranchOnly, ongoing, settled } from './patch-routes.ts';
import { PatchAttempt } from './patch-schema.ts';
import { statedWithin } from './statement-routes.ts';

const longestDiff = 200_000;
/** A proof is signed in no time, in ms; who waits for it does not wait longer than this. */
const mostForStatement = 10_000;

const Given = closed({
  diff: Type.String({
    minLength: 1,
    maxLength: longestDiff,
    description: 'as `git diff` prints it, against the commit at which the job of the findings ran',
  }),
  finding_ids: Type.Array(Type.Integer({ minimum: 1 }), {
    minItems: 1,
    maxItems: 200,
    uniqueItems: true,
    description: 'the open findings that it mends; one job has seen all of them',
  }),
  explanation: Type.Optional(text(4_000)),
  open_pull_request: Type.Optional(
    Type.Boolean({ default: false, description: 'whether it is pushed and proposed once it is proven' }),
  ),
});

/** A diff that somebody brings: judged by the policy and proven by jobs, as what the patch loop drafts itself. */
export const verifyRoutes: Routes = (app, deps) => {
  app.post(
    '/projects/:name/verify-patch',
    {
      schema: {
        summary: 'Judge a diff by the policy and prove it by the recipes; on request open it as a pull request',
        params: Type.Object({ name: Type.String() }),
        querystring: Type.Object({
          wait: Wait,
        }),
        body: Given,
        response: { 200: success({ attempt: PatchAttempt }), 202: success({ attempt: PatchAttempt }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const caller = callerOf(request);
        const project = ownProject(request.params.name, caller, deps);
        const { diff, finding_ids, explanation = '', open_pull_request: publish = false } = request.body;
        const findings = finding_ids.map((id) => findingOf(id, { project, caller, deps }));
        const { id, seq } = await begin({ diff, explanation, publish, findings }, { project, caller, deps });
        await visible(deps.models, seq, reply, 202);
        const patience = patienceOf(request, reply);
        const patch = await settled(id, patience, deps);
        if (patch.verify_only) await statedWithin(Math.min(patience, mostForStatement), patch, deps);
        reply.code(ongoing.has(patch.status) && !isBranchOnly(patch) ? 202 : 200).header('location', `/patches/${id}`);
        return { ok: true as const, attempt: { ...patch, diff: deps.models.query().patches.diff(id) } };
      }),
  );
};

type Asking = { readonly project: ProjectDoc; readonly caller: Caller; readonly deps: ApiDeps };
type Brought = {
  readonly diff: string;
  readonly explanation: string;
  readonly publish: boolean;
  readonly findings: readonly FindingDoc[];
};

function findingOf(id: number, { project, caller, deps }: Asking): FindingDoc {
  const finding = ownFinding(String(id), caller, deps);
  if (finding.project === project.name) return finding;
  throw new AppError('not_found', `There is no finding ${id} in ${project.name}.`);
}

/** Loaded when somebody asks, like the other ways to begin an attempt. */
const attempts = async () => ({
  ...(await import('../../attempts/request-attempts.ts')),
  ...(await import('../../attempts/given-attempt.ts')),
});

/** Begins an attempt, or finds the one of the same diff that is under way. */
async function begin({ diff, explanation, publish, findings }: Brought, { project, caller, deps }: Asking) {
  const { models, config, log, vault, clock } = deps;
  if (!/^@@ -\d|^(?:new|deleted) file mode |^rename from /m.test(diff)) throw notADiff();
  const asking = { config, query: models.query, clock };
  const { forgeOf, givenChoice, requestOf } = await attempts();
  const digest = digestOf(diff);
  const [lead] = findings;
  const active = lead && models.query().patches.standing(lead.identity).active;
  if (active && (await log.last('PatchRequested', active.id))?.data.given?.digest === digest)
    return { id: active.id, seq: active.seqs.requested };
  if (publish) {
    await provenGrant(project, deps);
    forgeOf(project, asking);
  }
  const choice = givenChoice(findings, { project, publish }, asking);
  const ref = await vault.put(JSON.stringify({ diff, explanation }));
  const given = { ref, digest, publish };
  const draft = requestOf(choice, { project, by: caller.name, given }, asking);
  const appended = draft && (await appendOnce(log, draft, { expect: 0 }));
  if (draft && appended?.outcome === 'appended') return { id: draft.id, seq: appended.seq };
  await vault.erase(ref);
  if (draft)
    throw new AppError('conflict', `Somebody began attempt ${draft.id} at finding ${choice.lead.id} in this moment.`, {
      name: 'active',
    });
  throw new AppError('conflict', 'The run that saw the finding is not known any more: run the recipe again.', {
    name: 'job_gone',
  });
}

function notADiff(): AppError {
  const message = 'expected a unified diff as `git diff` prints it: "--- a/file", "+++ b/file", "@@ -1,3 +1,3 @@"';
  return bodyFault('diff', message);
}
