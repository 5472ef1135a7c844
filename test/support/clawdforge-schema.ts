import { type TSchema, Type } from '@sinclair/typebox';

const SessionId = Type.String({ pattern: '^[0-9a-f-]{36}$' });
const Meta = Type.Record(Type.String(), Type.Unknown());
const Moment = Type.Union([Type.Number(), Type.Null()]);
const strict = { additionalProperties: false } as const;

const Session = Type.Object(
  {
    session_id: SessionId,
    agent: Type.String(),
    model: Type.Union([Type.String(), Type.Null()]),
    turn_count: Type.Integer({ minimum: 0 }),
    created_at: Type.Number(),
    last_turn_at: Moment,
    closed_at: Moment,
    live: Type.Boolean(),
    meta: Meta,
  },
  strict,
);

const Turn = Type.Object(
  {
    ok: Type.Boolean(),
    session_id: SessionId,
    turn_index: Type.Integer({ minimum: 0 }),
    events: Type.Array(
      Type.Object(
        {
          type: Type.Union([Type.Literal('text'), Type.Literal('tool_call'), Type.Literal('thinking')]),
          content: Type.Unknown(),
        },
        strict,
      ),
    ),
    stop_reason: Type.String(),
    duration_ms: Type.Integer({ minimum: 0 }),
    usage: Type.Optional(Type.Object({})),
  },
  strict,
);

export type Operation = 'upload' | 'healthz' | 'create' | 'turn' | 'get' | 'list' | 'delete';

/** What the gateway's API takes (null: no body at all) and gives, for each of its operations. */
export const clawdforgeSchemas: Readonly<Record<Operation, { request: TSchema | null; response: TSchema }>> = {
  /** The request is multipart: `file`, and `ttl_secs` where it is not the usual hour. */
  upload: {
    request: Type.Object(
      { file: Type.String(), ttl_secs: Type.Optional(Type.String({ pattern: '^[0-9]{2,5}$' })) },
      strict,
    ),
    response: Type.Object(
      { file_token: Type.String({ pattern: '^ff_' }), ttl_secs: Type.Integer(), size: Type.Integer() },
      strict,
    ),
  },
  healthz: {
    request: null,
    response: Type.Object({
      ok: Type.Boolean(),
      claude_present: Type.Boolean(),
      claude_version: Type.String(),
      acpx_present: Type.Boolean(),
      acpx_version: Type.String(),
      open_sessions: Type.Integer(),
    }),
  },
  create: {
    request: Type.Object(
      {
        agent: Type.Optional(Type.String({ pattern: '^[a-zA-Z0-9_-]{1,64}$' })),
        meta: Type.Optional(Meta),
        model: Type.Optional(Type.String({ pattern: '^[a-zA-Z0-9._:-]{1,128}$' })),
      },
      strict,
    ),
    response: Session,
  },
  turn: {
    request: Type.Object(
      {
        prompt: Type.String({ minLength: 1 }),
        files: Type.Optional(Type.Array(Type.String({ pattern: '^ff_' }))),
        timeout_secs: Type.Optional(Type.Integer({ minimum: 1 })),
      },
      strict,
    ),
    response: Turn,
  },
  get: { request: null, response: Session },
  list: { request: null, response: Type.Array(Session) },
  delete: {
    request: null,
    response: Type.Object({ ok: Type.Boolean(), session_id: SessionId, closed_at: Type.Number() }, strict),
  },
};

/** What fails a turn at the gateway's side: the typed body of its 502. */
export const RunFailure = Type.Object({
  detail: Type.Object({ error: Type.String(), exit_code: Type.Integer(), stderr: Type.String() }),
});
