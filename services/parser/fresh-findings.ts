import type { JobDoc } from '../../projections/jobs/jobs.ts';
import { messageOf } from '../floor/app-error.ts';
import type { EvidenceDeps, Scene } from './evidence/evidence-scene.ts';
import type { Identified } from './rules/identify-findings.ts';

/** Earlier runs among which one is looked for that had the tool. */
const mostRuns = 8;

/**
 * Which of the findings that nobody saw before came with a change: in a file that is another one than at the newest
 * earlier run of their tool. As long as no line is drawn they are told from what that run left out. Of a tool that no run
 * had, such as the compiler that a linter starts, all is fresh where the newest run of the same command ended with 0.
 */
export async function freshIn(
  unseen: readonly Identified[],
  { place, seq, remote, sha, command }: Pick<Scene, 'place' | 'seq' | 'remote' | 'sha' | 'command'>,
  { workspaces, logger, query }: EvidenceDeps,
): Promise<(identity: string) => boolean> {
  const fresh = new Set<string>();
  if (sha === null || unseen.length === 0) return () => false;
  const earlier = query().jobs.between(place, [0, seq], mostRuns);
  for (const [tool, own] of Map.groupBy(unseen, ({ observation }) => observation.tool)) {
    const before = earlier.find((job) => job.sha !== null && job.tools.some((one) => one.tool === tool));
    if (before === undefined && earlier.some((job) => job.sha !== null && job.sha !== sha && isClean(job, command)))
      for (const { identity } of own) fresh.add(identity);
    if (before?.sha == null || before.sha === sha) continue;
    try {
      const { changed } = await workspaces.readChanges(remote, before.sha, sha);
      for (const { identity, observation } of own)
        if (observation.file !== null && changed.has(observation.file)) fresh.add(identity);
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'commits could not be compared, findings count as known before');
    }
  }
  return (identity) => fresh.has(identity);
}

/** Whether a run of this command proved that its tools found nothing. */
function isClean({ command, exit_code: exitCode, tools }: JobDoc, now: string): boolean {
  return command === now && exitCode === 0 && tools.some(({ tool, complete }) => complete && tool !== 'generic');
}
