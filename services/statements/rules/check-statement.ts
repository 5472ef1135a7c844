import type { KeyObject } from 'node:crypto';
import { Value } from '@sinclair/typebox/value';
import { type Envelope, openEnvelope } from './dsse-envelope.ts';
import { sha256Of } from './in-toto-statements.ts';
import { ProofStatement, proofType, TestResultStatement, testResultType } from './proof-predicate.ts';

/** One thing that was checked, in words. `null`: it was not asked for. */
export type Check = { readonly what: string; readonly ok: boolean | null; readonly detail: string };

type Checked = {
  readonly checks: readonly Check[];
  /** Our own statement; null when there is none that can be believed. */
  readonly statement: ProofStatement | null;
};

/** Opens a bundle with public keys: both statements are there, whole, signed, and about the same. */
export function checkBundle(envelopes: readonly Envelope[], keys: ReadonlyMap<string, KeyObject>): Checked {
  const checks: Check[] = [];
  let proof: ProofStatement | null = null;
  let test: TestResultStatement | null = null;
  for (const [at, envelope] of envelopes.entries()) {
    const opened = openEnvelope(envelope, keys);
    const what = `signature of statement ${at + 1}`;
    if (!opened.ok) {
      checks.push({ what, ok: false, detail: opened.why });
      continue;
    }
    const said = parsed(opened.payload);
    const type = (said as { predicateType?: unknown } | null)?.predicateType;
    checks.push({ what, ok: true, detail: `${String(type)}, key ${opened.keyId.slice(0, 16)}` });
    if (Value.Check(ProofStatement, said)) proof = said;
    else if (Value.Check(TestResultStatement, said)) test = said;
    else if (type === proofType || type === testResultType)
      checks.push({ what: `shape of statement ${at + 1}`, ok: false, detail: `it is not what ${type} demands` });
  }
  if (proof === null)
    checks.push({ what: 'proof', ok: false, detail: `the bundle holds no statement of ${proofType}` });
  if (test === null)
    checks.push({ what: 'test result', ok: false, detail: `the bundle holds no statement of ${testResultType}` });
  if (proof !== null && test !== null) checks.push(sameSubject(proof, test));
  if (proof !== null) checks.push(consistent(proof));
  return { checks, statement: checks.every(({ ok }) => ok !== false) ? proof : null };
}

function sameSubject(proof: ProofStatement, test: TestResultStatement): Check {
  const same = JSON.stringify(proof.subject) === JSON.stringify(test.subject);
  const detail = same
    ? 'both statements are about one commit and one diff'
    : 'the statements are about different things';
  return { what: 'subject', ok: same, detail };
}

/** What a statement says of itself does not contradict itself. */
function consistent({ subject, predicate }: ProofStatement): Check {
  const { diff, commit, findings, runs } = predicate;
  const named = subject.flatMap(({ digest }) => [digest.sha256 ?? [], digest.gitCommit ?? []]).flat();
  const still = findings.targets.filter(({ gone }) => !gone);
  const faults = [
    ...(named.includes(diff.sha256) && named.includes(commit) ? [] : ['its subject is another diff or commit']),
    ...(still.length === 0 ? [] : [`${still.length} of its targets are not gone`]),
    ...(findings.appeared === 0 ? [] : [`${findings.appeared} findings are new`]),
    ...(runs.some(({ stage }) => stage === 'full') ? [] : ['no run of the whole recipe is named']),
  ];
  return {
    what: 'verdict',
    ok: faults.length === 0,
    detail:
      faults.length === 0
        ? `${findings.targets.length} of ${findings.targets.length} targets are gone, nothing is new, ${runs.length} runs`
        : faults.join('; '),
  };
}

/** Whether a diff is the one that was proven. */
export function checkDiff({ predicate: { diff } }: ProofStatement, bytes: Uint8Array): Check {
  const sha256 = sha256Of(bytes);
  const ok = sha256 === diff.sha256;
  return {
    what: 'patch',
    ok,
    detail: ok ? `sha256 ${sha256}` : `it has sha256 ${sha256}, the statement says ${diff.sha256}`,
  };
}

/** Whether the log of a job is the one that it printed. `bytes`: null when it is not there. */
export function checkLog(
  { job_id, stage, recipe, log }: ProofStatement['predicate']['runs'][number],
  bytes: Uint8Array | null,
): Check {
  const what = `log ${job_id}`;
  if (bytes === null) return { what, ok: null, detail: `not given (${stage} ${recipe})` };
  const sha256 = sha256Of(bytes);
  const ok = log.sha256 === null ? bytes.length === 0 : sha256 === log.sha256;
  const detail = ok ? `sha256 ${sha256}` : `it has sha256 ${sha256}, the statement says ${log.sha256 ?? 'nothing'}`;
  return { what, ok, detail };
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return null;
  }
}
