import { type Static, Type } from '@sinclair/typebox';
import { nullable, oneOf } from '../../../events/fields.ts';
import { ResolvedManifest } from '../../../events/jobs/agent-manifest.ts';
import { BottleEgress, BottleWork, bottleEnds, doneStatuses } from '../../../events/jobs/bottle.ts';
import { budgetLevels, budgetSpans, budgetUnits, cutoffPolicies } from '../../../events/work/budget.ts';
import { type BottleDoc, bottleStatuses } from '../../../projections/work/bottles.ts';

const Text = Type.String();
const Time = Type.String({ description: 'ISO 8601, UTC' });

/** A bottle as it is sent. */
export const Bottle = Type.Object(
  {
    id: Text,
    project: Text,
    subproject: nullable(Text),
    agent: Text,
    status: oneOf(bottleStatuses),
    ended: nullable(oneOf(bottleEnds)),
    why: nullable(Text),
    done: nullable(Type.Object({ status: oneOf(doneStatuses), summary: Text })),
    work: BottleWork,
    prompt: Type.String({ description: 'its first 2,000 characters' }),
    requested_by: Text,
    job_id: nullable(Text),
    runner: nullable(Text),
    manifest: nullable(ResolvedManifest),
    manifest_digest: nullable(Text),
    thawed: nullable(Type.String({ description: 'the frozen state from which it went on' })),
    session: nullable(Type.String({ description: 'the frozen state that it left' })),
    diff: nullable(Type.Object({ digest: Text, files: Type.Integer(), bytes: Type.Integer() })),
    sha: nullable(Type.String({ description: 'the commit on which it worked' })),
    egress: nullable(BottleEgress),
    stop: nullable(
      Type.Object(
        {
          policy: nullable(oneOf(cutoffPolicies)),
          why: oneOf(['budget', 'asked', 'circle']),
          detail: Type.String({
            description: 'a budget in words, what was repeated, or the reason that somebody gave',
          }),
          by: nullable(Type.String({ description: 'who asked; null for a budget and a circle' })),
          at: Time,
        },
        { description: 'what ended or limits it from outside; policy null: it was to end, and what it left is kept' },
      ),
    ),
    spent: Type.Object(
      {
        calls: Type.Integer({ description: 'of providers' }),
        tokens: Type.Integer(),
        usd: Type.Number(),
        unpriced_tokens: Type.Integer({ description: 'of models without a price: they are not in usd' }),
        last_at: nullable(Time),
      },
      { description: 'what it took so far, metered outside of it' },
    ),
    budget: nullable(
      Type.Object(
        {
          key: Type.String({ description: '<level>:<of>:<unit>:<per>' }),
          level: oneOf(budgetLevels),
          of: Text,
          unit: oneOf(budgetUnits),
          per: oneOf(budgetSpans),
          limit: Type.Number({ description: 'tokens, or US dollars' }),
          used: Type.Number(),
          share: Type.Number({ description: 'used / limit' }),
        },
        { description: 'of the budgets that hold it and that you see, the one that is nearest to its end' },
      ),
    ),
    exit_code: nullable(Type.Integer()),
    turns: nullable(Type.Integer()),
    duration_ms: nullable(Type.Integer()),
    calls: Type.Integer(),
    refused: Type.Integer(),
    last_call: nullable(Type.Object({ words: Text, at: Time })),
    requested_at: Time,
    started_at: nullable(Time),
    ended_at: nullable(Time),
    updated_at: Time,
    seq: Type.Integer(),
  },
  { title: 'Bottle' },
);

/** What its agent asked for, in words. */
export const BottleCall = Type.Object(
  { seq: Type.Integer(), at: Time, method: nullable(Text), words: Text, refused: Type.Boolean() },
  { title: 'BottleCall' },
);

/** Fails to compile when the read model and what is sent drift apart. */
export type SentBottle = Static<typeof Bottle> extends BottleDoc ? true : never;
export type ShownBottle = Static<typeof Bottle>;
