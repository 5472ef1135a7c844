import { toolNamed } from '../../parsers/tools/registry.ts';
import type { FindingDoc } from '../../projections/findings/findings.ts';
import type { JobDoc } from '../../projections/jobs/jobs.ts';
import type { EvidenceDeps, Scene } from './evidence/evidence-scene.ts';
import { readScripts } from './evidence/read-scripts.ts';
import { programsFor } from './evidence/script-evidence.ts';
import { sameWork } from './rules/scripts/script-change.ts';
import type { Script } from './rules/scripts/script-files.ts';
import { soleStart, startsOf } from './rules/scripts/script-proof.ts';

/** What started a tool when its finding was seen, and what does now. */
export type Work = {
  readonly commandThen: string;
  readonly commandNow: string;
  /** Scripts start it in another way, which cannot be compared word by word. */
  readonly isOther: boolean;
};

/** Commits of which the scripts are read. */
const mostCommits = 12;

/** Compares how findings that are missing were come to when they were seen last, and how they would be now. */
export async function readWork(
  docs: readonly FindingDoc[],
  lastJobs: ReadonlyMap<string, JobDoc | undefined>,
  scene: Scene,
  deps: EvidenceDeps,
): Promise<(doc: FindingDoc) => Work> {
  const { sha, command } = scene;
  if (sha === null || docs.length === 0) return () => ({ commandThen: command, commandNow: command, isOther: false });
  const now = await readScripts(command, sha, scene, deps);
  const before = new Map<string, readonly Script[]>();
  const keyOf = (job: JobDoc | undefined) => JSON.stringify([job?.command, job?.sha]);
  for (const doc of [...docs].sort((a, b) => b.last_seen_run - a.last_seen_run)) {
    const job = lastJobs.get(doc.last_seen_job);
    if (job?.sha == null || before.has(keyOf(job)) || before.size >= mostCommits) continue;
    // A command without scripts is what it says.
    if (now.length === 1 && job.command === command) continue;
    before.set(keyOf(job), await readScripts(job.command, job.sha, scene, deps));
  }
  return (doc) => {
    const job = lastJobs.get(doc.last_seen_job);
    const plain = { commandThen: job?.command ?? command, commandNow: command, isOther: false };
    const then = before.get(keyOf(job));
    if (then === undefined || Math.max(now.length, then.length) === 1) return plain;
    const programs = programsFor(doc.tool);
    if (scene.scripted?.has(doc.tool)) return { ...plain, isOther: !sameWork(now, then, programs) };
    const own = toolNamed(doc.tool)?.programs ?? [];
    const [commandThen, commandNow] = [soleStart(then, own), soleStart(now, own)];
    if (commandThen !== null && commandNow !== null) return { commandThen, commandNow, isOther: false };
    return { ...plain, isOther: startsOf(then, programs) !== startsOf(now, programs) };
  };
}
