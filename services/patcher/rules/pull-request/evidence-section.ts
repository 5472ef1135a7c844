import type { Evidence, Proof } from '../../../../events/patches/patch.ts';
import { code, fenced } from '../../../floor/text/escape-text.ts';
import { durationText, exitText, jobLink } from './provenance-footer.ts';

type EvidenceFacts = {
  readonly farm: { readonly url: string | null };
  readonly recipe: string;
  readonly base: { readonly sha: string };
  readonly evidence: Evidence;
};

const shownNew = 10;
const shownRuns = 40;

/** What a reader has to know before all else: what was not proven. Empty when there is nothing of that kind. */
export function warningsOf({ proof }: Evidence): string[] {
  if (!proof) return [];
  return [
    ...(proof.conditions === 'open'
      ? ['The proof ran like any job, not shut in: CRAFTING_PATCHER_PROOF=open allows that.']
      : proof.conditions === 'registries'
        ? ['The proof could reach the package registries.']
        : []),
    ...proof.not_run.map(({ recipe, why }) => `The recipe ${code(recipe)} proves nothing here. ${code(why, 300)}`),
    ...proof.notes.map((note) => code(note, 300)),
  ];
}

function proofLines({ rounds, mutants, disguised, runs, tests }: Proof, url: string | null): string {
  const others = runs.filter(({ stage }) => stage === 'other').map(({ recipe }) => code(recipe));
  const tried = (mutants ?? []).filter(({ end }) => end !== 'invalid');
  const killed = tried.filter(({ end }) => end === 'killed').length;
  const lines = [
    rounds &&
      `It failed ${rounds.base_failed} of ${rounds.base_failed} times before, and passed ${rounds.passed} of ${rounds.passed} times after.`,
    mutants &&
      (tried.length === 0
        ? 'No line of it could be made wrong on purpose.'
        : `${tried.length} of its lines made wrong on purpose: the tests noticed ${killed}.`),
    disguised && 'It passes, too, where the code cannot see that it is tested.',
    tests && `${tests.executed} tests, known by name, ran on both sides (${code(tests.reporter, 64)}).`,
    others.length > 0 && `No worse by it: ${others.join(', ')}.`,
    runs.length > 1 &&
      `All runs: ${runs
        .slice(0, shownRuns)
        .map(({ job_id }) => jobLink(job_id, url))
        .join(', ')}.`,
  ];
  return lines
    .filter((line) => typeof line === 'string')
    .map((line) => `- ${line}`)
    .join('\n');
}

/** What the same recipe said of the base commit, and of the base commit with the patch. */
export function evidenceSection({ farm, recipe, base, evidence }: EvidenceFacts): string {
  const { tests_before: testsBefore, tests_after: testsAfter } = evidence;
  const seenAfter = evidence.targets.filter(({ gone }) => !gone).length;
  const count = (value: number | undefined): string => (value === undefined ? '—' : String(value));
  const rows: [string, string, string][] = [
    ['job', jobLink(evidence.before_job, farm.url), jobLink(evidence.after_job, farm.url)],
    ['exit code', exitText(evidence.exit_before), exitText(evidence.exit_after)],
    ['findings', String(evidence.identities_before), String(evidence.identities_after)],
    ['of these, to be mended here', String(evidence.targets.length), String(seenAfter)],
    ['of these, new', '—', String(evidence.appeared.length)],
    ['duration', durationText(evidence.duration_before_ms), durationText(evidence.duration_after_ms)],
  ];
  const tests: [string, string, string][] =
    testsBefore === null && testsAfter === null
      ? []
      : (['executed', 'passed', 'failed', 'skipped'] as const).map((word) => [
          `tests ${word}`,
          count(testsBefore?.[word]),
          count(testsAfter?.[word]),
        ]);
  return [
    '## The evidence',
    '',
    `The recipe ${code(recipe)} ran on ${code(base.sha.slice(0, 12))} as it is, and with this change:`,
    '',
    '| | before | after |',
    '|---|---|---|',
    ...[...rows, ...tests].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    verdict(evidence, seenAfter),
    '',
    ...(evidence.proof ? [proofLines(evidence.proof, farm.url), ''] : []),
    'The command, both times:',
    '',
    fenced(evidence.command, 2000),
  ].join('\n');
}

function verdict({ targets, gone, appeared }: Evidence, seenAfter: number): string {
  const others = gone.length - targets.filter((target) => target.gone).length;
  const mended =
    seenAfter === 0
      ? `What is to be mended is gone (${targets.length} of ${targets.length}).`
      : `Of what is to be mended, ${targets.length - seenAfter} of ${targets.length} are gone.`;
  const also = others > 0 ? ` ${others} more went with it.` : '';
  if (appeared.length === 0) return `${mended}${also} Nothing new appeared.`;
  const shown = appeared.slice(0, shownNew).map((one) => `- ${code(one.tool)} ${code(one.code)} ${code(one.message)}`);
  return `${mended}${also} New:\n\n${shown.join('\n')}`;
}
