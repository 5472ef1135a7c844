import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { AppError } from '../../floor/app-error.ts';
import { parseJson } from '../../floor/text/parse-json.ts';
import type { AgentReply } from './agent.ts';

/** What may stand in a path: everything else is refused before it is sent. */
export const sessionIdPattern = '^[A-Za-z0-9_-]{1,128}$';
const SessionId = Type.String({ pattern: sessionIdPattern });
const Moment = Type.Union([Type.String(), Type.Number(), Type.Null()]);

export const CreatedSession = Type.Object({ session_id: SessionId });

/** A conversation as the gateway describes it; a list may leave `meta` out. */
export const Session = Type.Object({
  session_id: SessionId,
  turn_count: Type.Integer({ minimum: 0 }),
  closed_at: Moment,
  meta: Type.Optional(Type.Unknown()),
});
export type Session = Static<typeof Session>;

/** The list stands alone or under `sessions`. */
export const SessionList = Type.Union([Type.Array(Session), Type.Object({ sessions: Type.Array(Session) })]);

export const TurnAnswer = Type.Object({
  ok: Type.Optional(Type.Boolean()),
  events: Type.Array(Type.Object({ type: Type.String(), content: Type.Optional(Type.Unknown()) })),
  duration_ms: Type.Optional(Type.Number()),
  usage: Type.Optional(Type.Unknown()),
});
export type TurnAnswer = Static<typeof TurnAnswer>;

const Told = Type.Optional(Type.Unknown());
const Usage = Type.Object({ input_tokens: Told, output_tokens: Told, cost_usd: Told });

/** Reads JSON of this shape. AppError `invalid` says where it differs, and repeats nothing of what came. */
export function readAnswer<S extends TSchema>(schema: S, text: string, what: string): Static<S> {
  const value = parseJson(text);
  if (value === undefined) throw new AppError('invalid', `The agent gateway answers ${what} with what is not JSON.`);
  if (Value.Check(schema, value)) return value;
  const fault = Value.Errors(schema, value).First();
  const where = fault === undefined || fault.path === '' ? 'the whole' : fault.path.slice(0, 100);
  throw new AppError('invalid', `The agent gateway answers ${what} with another shape than expected, at ${where}.`);
}

/** The visible words of a turn, without its thinking and its tools, and what it took where the gateway says so. */
export function replyOf(answer: TurnAnswer, measuredMs: number): AgentReply {
  const texts = answer.events.filter(({ type }) => type === 'text').map(({ content }) => content);
  if (!texts.every((text) => typeof text === 'string'))
    throw new AppError('invalid', 'The agent gateway answers a turn with a text that is no text.');
  const usage = Value.Check(Usage, answer.usage) ? answer.usage : {};
  return {
    text: texts.join(''),
    durationMs: count(Math.round(answer.duration_ms ?? Number.NaN)) ?? Math.max(0, Math.round(measuredMs)),
    inputTokens: count(usage.input_tokens),
    outputTokens: count(usage.output_tokens),
    usd: amount(usage.cost_usd),
  };
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function count(value: unknown): number | null {
  return Number.isSafeInteger(value) ? amount(value) : null;
}
