import fc from 'fast-check';
import type { Draft } from '../../../events/registry.ts';
import { sampleData, sampleDraft } from '../../events/stored-payloads.ts';

const projects = ['alpha', 'beta'];
const jobsOf: Record<string, string[]> = { alpha: ['0', '1', '2'], beta: ['3', '4'] };
const findingsOf: Record<string, string[]> = { alpha: ['a', 'b'], beta: ['c', 'd'] };
const idOf = (digit: string, world: number, length: number) =>
  `${digit.repeat(length - 4)}${String(world).padStart(4, '0')}`;
const pick = (digits: readonly string[] = [], at: number, world: number, length: number) =>
  idOf(digits[at % digits.length] ?? '', world, length);

/** One event of a small world, so that events meet: two projects, five jobs, four findings, in any order. */
const stepOf = (world: number): fc.Arbitrary<Draft> =>
  fc
    .record({
      what: fc.nat({ max: 14 }),
      project: fc.constantFrom(...projects),
      jobAt: fc.nat({ max: 5 }),
      findingAt: fc.nat({ max: 3 }),
      run: fc.nat({ max: 30 }),
      flag: fc.boolean(),
    })
    .map(({ what, project, jobAt, findingAt, run: run_seq, flag }): Draft => {
      const job_id = pick(jobsOf[project], jobAt, world, 26);
      const identity = pick(findingsOf[project], findingAt, world, 32);
      const seen = sampleData('FindingsObserved').occurrences.map((one) => ({ ...one, identity, finding_id: run_seq }));
      const all: (() => Draft)[] = [
        () => sampleDraft('ProjectRegistered', project, { name: project, owner: flag ? 'ann' : 'bob' }),
        () => sampleDraft('ProjectUpdated', project, { name: project, enabled: flag }),
        () => sampleDraft('ProjectRemoved', project, { name: project, owner: null }),
        () => sampleDraft('JobEnqueued', job_id, { job_id, project }),
        () => sampleDraft('JobCancelRequested', job_id, { job_id, project }),
        () => sampleDraft('RecipeStarted', job_id, { job_id, project }),
        () => sampleDraft('WorkspacePrepared', job_id, { job_id, project }),
        () => sampleDraft('RecipeExited', job_id, { job_id, project, exit_code: flag ? 0 : 1 }),
        () => sampleDraft('FindingsObserved', job_id, { job_id, project, occurrences: seen, run_seq }),
        () => sampleDraft('FindingsParsed', job_id, { job_id, project }),
        () => sampleDraft('FindingDetected', identity, { identity, project, job_id, run_seq, on_default_branch: flag }),
        () => sampleDraft('FindingResolved', identity, { identity, project, job_id, run_seq }),
        () => sampleDraft('FindingUnwatched', identity, { identity, project, job_id, run_seq }),
        () => sampleDraft('FindingReopened', identity, { identity, project, job_id, run_seq }),
        () =>
          flag
            ? sampleDraft('FindingSuppressed', identity, { identity, project })
            : sampleDraft('FindingUnsuppressed', identity, { identity, project }),
      ];
      const make = all[what];
      if (!make) throw new Error('no such step');
      return make();
    });

/** Leaves out what the log would have refused: a second JobEnqueued of a job, a detection of what is known. */
function possible(history: readonly Draft[], world: number): Draft[] {
  const there = new Set<string>();
  return history.filter(({ type, id }) => {
    if (type === 'ProjectRemoved') for (const digit of findingsOf[id] ?? []) there.delete(idOf(digit, world, 32));
    if (type !== 'JobEnqueued' && type !== 'FindingDetected') return true;
    if (there.has(id)) return false;
    there.add(id);
    return true;
  });
}

const historiesOf = (world: number) =>
  fc.array(stepOf(world), { minLength: 1, maxLength: 60 }).map((history) => possible(history, world));

/** Histories of the small world. */
export const histories = historiesOf(0);

/** Histories of so many worlds, one after the other. Each has jobs of its own: the log refuses a second JobEnqueued of a job. */
export function* longHistory(worlds: number, seed: number): Generator<Draft> {
  for (let world = 0; world < worlds; world += 1)
    yield* fc.sample(historiesOf(world), { numRuns: 1, seed: seed + world }).flat();
}
