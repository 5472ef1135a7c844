import type { CutoffPolicy, UsageCounts } from '../../events/work/budget.ts';
import type { Cut } from './rules/bottle-cut.ts';

/** What a bottle may spend at most, given at the start of its run; beside it every other budget counts. */
type RunBudget = {
  readonly tokens?: number | undefined;
  /** US dollars. */
  readonly money?: number | undefined;
};

/** Who asks to reach providers, in whose name, and how far. */
export type AccessRequest = {
  /** Id of the bottle: a ULID. */
  readonly bottle: string;
  /** `<finding id>-<attempt number>`, where it works for an attempt. */
  readonly attempt: string | null;
  readonly project: string;
  /** The team whose project it is. */
  readonly owner: string;
  /** Name of the agent's manifest. */
  readonly agent: string;
  /** Names of providers, such as `anthropic` and `openai`. */
  readonly providers: readonly string[];
  /** Models that it may ask for, `*` standing for any text; null: every one of these providers. */
  readonly models: readonly string[] | null;
  /** What providers may do by themselves, such as `web_search`, `*` standing for any text; nothing unless told. */
  readonly providerTools?: readonly string[];
  /** Hosts beside the providers, as `network.allow` of a project has them. */
  readonly hosts: readonly string[];
  readonly budget: RunBudget | null;
  /** What happens when a budget is used up; a budget that says so itself wins. */
  readonly policy: CutoffPolicy;
  /** Digest of the frozen state that it goes on from. */
  readonly thawed?: string | null;
  /** Port of 127.0.0.1 inside the sandbox that leads to the socket; 3128 unless told. */
  readonly port?: number;
};

/** What a bottle spent and where it went. */
export type EgressSummary = {
  readonly hosts: readonly { readonly host: string; readonly requests: number }[];
  readonly requests: number;
  /** Requests that were not let through. */
  readonly refused: number;
  readonly usage: UsageCounts;
  /** US dollars; null where a model had no price. */
  readonly usd: number | null;
  /** Whether a part of it is an estimate. */
  readonly estimated: boolean;
};

/** A bottle's way out. */
export type BottleAccess = {
  /** A Unix socket. It answers requests to the providers, and is a proxy (CONNECT, absolute addresses) for `hosts`. */
  readonly socket: string;
  /** Base URLs and placeholders for keys; no secret is among them. */
  readonly env: Readonly<Record<string, string>>;
  /** Called once for each policy by which the bottle is cut off: by a budget, by a person, or because it goes in circles. */
  onCut(listener: (cut: Cut) => void): void;
  /** Tells the plane what the bottle did, so that circles are noticed: a digest of a diff that failed again, a tool call. */
  acted(what: string): void;
  /** Ends open requests and removes the socket. */
  close(): Promise<EgressSummary>;
};

/**
 * Opens the way out of one bottle. Throws AppError: `misconfigured` (a provider is not known or has no key here), `conflict`
 * `budget_exhausted` (nothing is left to spend), `invalid` (a host of a provider among `hosts`).
 */
export type OpenBottleAccess = (request: AccessRequest) => Promise<BottleAccess>;
