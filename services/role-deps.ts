import type { OnAnswer } from './api/define.ts';
import type { OpenForgeVoice } from './bottles/forge-voice.ts';
import type { Config } from './config.ts';
import type { Consumer } from './define.ts';
import type { OpenBottleAccess } from './egress/bottle-access.ts';
import type { Egress } from './egress/open-egress.ts';
import type { Clock } from './floor/clock.ts';
import type { Agent } from './io/agent/agent.ts';
import type { Cell } from './io/agent/program-cell.ts';
import type { Freeable } from './io/disk/freeable.ts';
import type { Workspaces } from './io/git/trees/workspaces.ts';
import type { Log } from './io/log.ts';
import type { Patience } from './io/nats/log/run-consumer.ts';
import type { Store } from './io/open-store.ts';
import type { Processes } from './io/process/open-processes.ts';
import type { Meters } from './observe/meters.ts';
import type { Judge } from './patcher/rules/policy/define.ts';
import type { HostModels } from './projector/host-models.ts';

/** Parts that a test or a measurement may bring along instead of the real ones. */
export type Parts = {
  readonly workspaces?: Workspaces;
  readonly leaseTimes?: { renewMs: number; lostAfterMs: number };
  /** How often the farm itself is looked at, and how long trouble lasts before it is told. */
  readonly farmTimes?: { everyMs: number; patienceMs: number };
  readonly agent?: Agent;
  /** What the policy has against a patch; a farm itself starts a process for each. */
  readonly judge?: Judge;
  /** What bottles get instead of the farm's gateway and forges. */
  readonly openAccess?: OpenBottleAccess;
  readonly openVoice?: OpenForgeVoice;
  /** How long the patch loop waits for what does not answer. */
  readonly patience?: Patience;
  readonly clock?: Clock;
  /** What a consumer is before it runs: a test may let its events come twice. */
  readonly consumer?: (one: Consumer) => Consumer;
  readonly onAnswer?: OnAnswer;
  /** What is found on this machine for recipes; a farm itself asks every toolchain for its version. */
  readonly findLabels?: () => Promise<readonly string[]>;
};

/** Keeps a part until the farm closes: the last one that was opened is closed first. */
export type Opened = <T>(part: T, closer: (part: T) => unknown) => T;

/** What a role may stand on. */
export type RoleDeps = Store & {
  readonly config: Config;
  readonly version: string;
  /** A process whose only role is `runner` has none, and that role asks for none. */
  readonly models: HostModels;
  /** The roles `digester`, `notifier` and `relay` ask for none. */
  readonly workspaces: Workspaces;
  /** Of the role `runner`; found out while the rest starts. */
  readonly processes: Promise<Processes> | null;
  readonly logger: Log;
  /** What this process counts. */
  readonly meters: Meters;
  readonly clock: Clock;
  readonly parts: Parts;
  readonly opened: Opened;
  /** Why the disk has no room for new work, as a sentence, or null. */
  readonly shortage: () => string | null;
  /** What can be done without on the disk; a role adds its own. */
  readonly freeables: Freeable[];
  /** What shuts jobs in, once the runner of this process has opened it. */
  readonly cell: { current: Cell | null };
  /** The way of agents to their providers, and the book of what they spend. */
  readonly egress: Egress;
};

/** A role that runs; stopping it waits for what it does. */
export type RunningRole = { stop(): Promise<unknown> };
