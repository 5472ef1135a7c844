import { type Static, Type } from '@sinclair/typebox';
import { closed, Name, oneOf, text } from '../fields.ts';
import { cutoffPolicies } from '../work/budget.ts';

/** How an agent program is spoken to: how it takes a prompt, goes on with a session, and says what it used. */
const agentProviders = ['claude', 'codex', 'generic'] as const;
export type AgentProvider = (typeof agentProviders)[number];

/** The most that one run may use; either holds by itself. Money in US dollars. */
export const BottleBudget = closed({
  tokens: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 })),
  money: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 })),
});
export type BottleBudget = Static<typeof BottleBudget>;

const Gateway = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' });
const Models = Type.Array(text(128, 1), { minItems: 1, maxItems: 64, uniqueItems: true });
/** What providers of models do by themselves, such as `web_search`, `code_execution`, `url`, `file`; `*` stands for any text. */
const ProviderTools = Type.Array(Type.String({ pattern: '^[a-z0-9_*][a-z0-9_.*-]{0,63}$' }), {
  maxItems: 32,
  uniqueItems: true,
});
const Seconds = Type.Integer({ minimum: 1, maximum: 86_400 });

/** What is said of an agent; what is not said is taken from what it extends, and last from the farm. */
export const AgentManifest = closed({
  /** Another manifest of the project, or one that every farm has: `claude`, `codex`, `generic`. */
  extends: Type.Optional(Name),
  provider: Type.Optional(oneOf(agentProviders)),
  /** For `/bin/sh -c`, in the work tree. The prompt is added as the provider takes it. */
  program: Type.Optional(text(4096, 1)),
  model: Type.Optional(text(128, 1)),
  /** Put before every prompt; overlays of what is extended come first. */
  prompt: Type.Optional(text(16_384, 1)),
  /** Names of the gateway's providers that it may ask, such as `anthropic`; those of its kind of program unless told. */
  gateway: Type.Optional(Type.Array(Gateway, { maxItems: 16, uniqueItems: true })),
  /** Models that it may ask for, `*` standing for any text; every one of its providers unless told. */
  models: Type.Optional(Models),
  /** What its providers may do by themselves, past the list of hosts; nothing unless told. */
  provider_tools: Type.Optional(ProviderTools),
  /** Hosts beside the model's own, by name and port. */
  hosts: Type.Optional(Type.Array(text(255, 1), { maxItems: 64, uniqueItems: true })),
  /** Labels that a runner must have, such as `go`. */
  needs: Type.Optional(
    Type.Array(Type.String({ pattern: '^[a-z0-9][a-z0-9._+-]{0,63}$' }), { maxItems: 16, uniqueItems: true }),
  ),
  time_limit_secs: Type.Optional(Seconds),
  /** How long a bottle may be without a word of its agent. */
  watchdog_secs: Type.Optional(Seconds),
  cutoff: Type.Optional(oneOf(cutoffPolicies)),
  budget: Type.Optional(BottleBudget),
});
export type AgentManifest = Static<typeof AgentManifest>;

/** A manifest with everything that it extends, as one run uses it. */
export const ResolvedManifest = closed({
  name: Name,
  /** What it came from, itself first. */
  chain: Type.Array(Name, { minItems: 1, maxItems: 8 }),
  provider: oneOf(agentProviders),
  program: text(4096, 1),
  model: Type.Union([text(128, 1), Type.Null()]),
  prompt: text(65_536),
  gateway: Type.Array(Gateway, { maxItems: 16 }),
  /** Absent: every one. */
  models: Type.Optional(Models),
  /** Absent: nothing. */
  provider_tools: Type.Optional(ProviderTools),
  hosts: Type.Array(text(255, 1), { maxItems: 256 }),
  needs: Type.Array(text(64, 1), { maxItems: 64 }),
  time_limit_secs: Seconds,
  watchdog_secs: Seconds,
  cutoff: oneOf(cutoffPolicies),
  budget: Type.Union([BottleBudget, Type.Null()]),
});
export type ResolvedManifest = Static<typeof ResolvedManifest>;
