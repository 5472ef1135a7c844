import type { TestCounts } from '../../../events/jobs/job.ts';
import type { Remote } from '../../io/git/mirrors/remote-url.ts';
import type { Workspaces } from '../../io/git/trees/workspaces.ts';
import type { Log } from '../../io/log.ts';
import type { Queries } from '../../projector/read-models.ts';
import type { Variables } from '../rules/doubt/environment-change.ts';
import type { Place } from '../rules/identify-findings.ts';

/** The run whose findings are compared with what is known. */
export type Scene = {
  readonly place: Place;
  /** Names the run: the sequence of its JobEnqueued. */
  readonly seq: number;
  readonly command: string;
  readonly variables: Variables;
  readonly remote: Remote;
  readonly sha: string | null;
  /** Runs on newer commits have proved something: what it sees may have moved, or gone, since. */
  readonly isOlder?: boolean;
  /** What was applied to that commit before the job ran. */
  readonly diff?: string | undefined;
  /** The tests that it counted. */
  readonly tests?: TestCounts | null;
  /** The files that its command leads to: they may configure each tool that they start. */
  readonly scripts?: ReadonlySet<string>;
  /** Tools that scripts started, and whose exit code was passed over: one silent run is no proof. */
  readonly likely?: ReadonlySet<string>;
  /** Files that tools named as looked at, as in `ParsedLog`. */
  readonly looked?: ReadonlySet<string>;
  /** All tools whose end only the scripts that start them tell of. */
  readonly scripted?: ReadonlySet<string>;
};

export type EvidenceDeps = { readonly workspaces: Workspaces; readonly logger: Log; readonly query: () => Queries };
