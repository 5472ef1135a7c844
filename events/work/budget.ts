import { type Static, Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Count, closed, Name, nullable, oneOf, Sha256, Time, text } from '../fields.ts';

/** What happens to an agent that may spend no more: its requests are refused; its state is kept and it ends; it ends. */
export const cutoffPolicies = ['cutoff', 'freeze', 'kill'] as const;
export type CutoffPolicy = (typeof cutoffPolicies)[number];

/** What a budget is for, the most specific first. An attempt is one run of an agent: a bottle, or an attempt at a finding. */
export const budgetLevels = ['agent', 'attempt', 'project', 'owner', 'farm'] as const;
export type BudgetLevel = (typeof budgetLevels)[number];

export const budgetUnits = ['tokens', 'usd'] as const;
export type BudgetUnit = (typeof budgetUnits)[number];

/** In which span what was spent is added up. Days and months are those of UTC. */
export const budgetSpans = ['attempt', 'day', 'month'] as const;
export type BudgetSpan = (typeof budgetSpans)[number];

/** The name of an agent's manifest, or the kind of an adapter. */
const AgentName = text(128, 1);
/** A bottle (ULID), or an attempt at a finding (`<finding id>-<attempt number>`). */
const AttemptId = Type.String({ pattern: '^([0-9a-zA-Z]{26}|[0-9]{1,16}-[0-9]{1,6})$' });
const BottleId = Type.String({ pattern: '^[0-9a-zA-Z]{26}$' });

/** Tokens by kind; no token is counted twice but `reasoning_tokens`, which are among `output_tokens`. */
export const UsageCounts = closed({
  /** Neither read from nor written to a cache. */
  input_tokens: Count,
  cache_read_tokens: Count,
  cache_write_tokens: Count,
  output_tokens: Count,
  reasoning_tokens: Count,
  /** Calls of tools that run at the provider, such as a web search. */
  tool_calls: Count,
});
export type UsageCounts = Static<typeof UsageCounts>;

/** Billionths of a US dollar, so that sums are exact. */
const NanoUsd = Count;

/** Whose a call of a provider is. */
const Spender = {
  /** Null where an adapter reports what its attempt took. */
  bottle_id: nullable(BottleId),
  attempt_id: AttemptId,
  agent: AgentName,
  project: Name,
  owner: Name,
  /** The finding that is being mended. */
  finding_id: Type.Optional(Count),
};

/** Calls are about to be sent, and may take so much at most: what is not metered afterwards was cut off by a crash. */
export const TokensReserved = defineEvent(
  'TokensReserved',
  'spend',
  closed({
    /** The gateway that sends them. */
    gateway: BottleId,
    calls: Type.Array(
      closed({
        call_id: BottleId,
        ...Spender,
        provider: text(64, 1),
        model: text(256),
        input_tokens: Count,
        output_tokens: Count,
        /** Null for a model without a price. */
        nano_usd: nullable(NanoUsd),
        /** After this nobody waits for its answer any more. */
        until: Time,
      }),
      { minItems: 1, maxItems: 256 },
    ),
  }),
);

/** How it is known what a call took, the surest first. */
const meterSources = ['response', 'reported', 'estimate'] as const;

/** A call of a provider is over, and took so much. */
export const TokensMetered = defineEvent(
  'TokensMetered',
  'spend',
  closed({
    ...Spender,
    provider: text(64, 1),
    /** As the provider named it, or as it was asked for. */
    model: text(256),
    usage: UsageCounts,
    /** Null for a model without a price: it is counted in tokens alone. */
    money: nullable(closed({ nano_usd: NanoUsd, prices: text(64, 1) })),
    /** Whether a part of it is not from the provider: its answer broke off, or said nothing. */
    estimated: Type.Boolean(),
    source: oneOf(meterSources),
    /** HTTP status; null where there was no answer. */
    status: nullable(Type.Integer()),
  }),
);

const Scope = {
  level: oneOf(budgetLevels),
  /** A name of that level; `farm` for the farm. An agent is `<agent>`, or `<project>/<agent>`. */
  of: text(256, 1),
  unit: oneOf(budgetUnits),
  per: oneOf(budgetSpans),
};

/** A budget is this from now on; `limit` null: there is none any more. Entity id: `<level>:<of>:<unit>:<per>`. */
export const BudgetSet = defineEvent(
  'BudgetSet',
  'budget',
  closed({
    ...Scope,
    /** Whose project or team it is for; null for the farm and for agents of all projects. `project` is absent where it is for no single one. */
    owner: nullable(Name),
    project: Type.Optional(Name),
    /** Tokens, or billionths of a US dollar. */
    limit: nullable(Count),
    /** What happens when it is used up; null: as the agent's manifest says. */
    policy: nullable(oneOf(cutoffPolicies)),
    by: Name,
  }),
);

const Crossing = closed({
  ...Scope,
  owner: nullable(Name),
  project: Type.Optional(Name),
  /** The attempt, the day (`2026-07-01`) or the month (`2026-07`). */
  span: text(64, 1),
  limit: Count,
  used: Count,
  /** The attempt whose call it was. */
  attempt_id: AttemptId,
});

/** Four fifths of it are used; appended once in a span. */
export const BudgetNearlyExhausted = defineEvent('BudgetNearlyExhausted', 'budget', Crossing);

/** What is left does not suffice for another call; appended once in a span and limit. */
export const BudgetExhausted = defineEvent('BudgetExhausted', 'budget', Crossing);

const Cut = closed({
  bottle_id: BottleId,
  project: Name,
  agent: AgentName,
  why: oneOf(['budget', 'asked', 'circle']),
  /** A budget in words, what was repeated, or what somebody gave as a reason. */
  detail: text(1024),
  by: Type.Optional(Name),
});

/** Its requests are refused from now on; it may end what it is at. */
export const AgentCutOff = defineEvent('AgentCutOff', 'bottle', Cut);

/** It may spend no more; its state is kept, and it ends. */
export const AgentFrozen = defineEvent('AgentFrozen', 'bottle', Cut);

/** It may spend no more, and it ends. */
export const AgentKilled = defineEvent('AgentKilled', 'bottle', Cut);

/** It goes on from a state that was kept. */
export const AgentThawed = defineEvent(
  'AgentThawed',
  'bottle',
  closed({ bottle_id: BottleId, project: Name, agent: AgentName, session: Sha256 }),
);

export type BudgetSetData = Static<typeof BudgetSet.data>;
