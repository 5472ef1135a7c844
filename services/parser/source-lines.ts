import type { Observation } from '../../events/finding.ts';
import { messageOf } from '../app-error.ts';
import type { SourceLine } from '../decisions/identify-findings.ts';
import type { Remote } from '../io/git/remote-url.ts';
import type { Workspaces } from '../io/git/workspaces.ts';
import type { Log } from '../io/log.ts';

/** Reads the lines that lint findings stand on from the job's commit. A line that cannot be read is unknown, not empty. */
export async function readSourceLines(
  observations: readonly Observation[],
  { remote, sha }: { remote: Remote; sha: string | null },
  { workspaces, logger }: { workspaces: Workspaces; logger: Log },
): Promise<SourceLine> {
  const paths = new Set(
    observations.flatMap(({ kind, file, line }) => (kind === 'lint' && file && line ? [file] : [])),
  );
  if (paths.size === 0 || sha === null) return () => undefined;
  const blobs = await workspaces.readBlobs(remote, sha, [...paths]).catch((error) => {
    logger.warn({ error: messageOf(error) }, 'source lines could not be read, identities fall back to messages');
    return new Map<string, Buffer>();
  });
  const lines = new Map<string, string[]>();
  return (file, line) => {
    const blob = blobs.get(file);
    if (!blob) return undefined;
    let split = lines.get(file);
    if (!split) {
      split = blob.toString('utf8').split('\n');
      lines.set(file, split);
    }
    return split[line - 1];
  };
}
