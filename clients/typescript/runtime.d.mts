export type FarmClientOptions = {
  readonly url: string;
  readonly token?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** For how long a call is sent again while the farm is away or busy, in ms; 30000 unless told, 0 for once. */
  readonly patienceMs?: number;
  /** How often a call is sent at most; as often as patience allows unless told. */
  readonly tries?: number;
};

/** What came along with an answer; `etag` names the version of what was asked for, where it has one. */
export type AnswerHead = { readonly status: number; readonly etag: string | null; readonly headers: Headers };

export type CallOptions = {
  readonly signal?: AbortSignal;
  readonly tries?: number;
  readonly patienceMs?: number;
  /** Names this request: the same key and body are done once. One is made for every POST without it. */
  readonly idempotencyKey?: string;
  /** The ETag of the version that is to be changed. */
  readonly ifMatch?: string;
  /** Hears the status, the ETag and the headers of the answer. */
  readonly onAnswer?: (head: AnswerHead) => void;
};

export type StreamEvent = {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly entity: string;
  readonly subject: string;
  readonly time: string;
  readonly data: Record<string, unknown>;
};

/** What the farm says is wrong (RFC 9457). */
export declare class FarmProblem extends Error {
  readonly status: number;
  /** A stable word, explained at `/problems/{code}`. */
  readonly code: string;
  readonly problem: { readonly detail?: string; readonly errors?: readonly { path: string; message: string }[] };
}

type ArgsOf<F> = F extends (args: infer A, ...rest: never[]) => unknown ? A : never;

export interface FarmClientBase<Operations, Paged> {
  /** Every item of a list that comes in pages. */
  each<N extends keyof Paged & keyof Operations>(
    operation: N,
    args?: ArgsOf<Operations[N]>,
    options?: CallOptions,
  ): AsyncGenerator<Paged[N]>;
  /** What a job prints, until it is over. */
  followLog(id: string, options?: CallOptions): AsyncGenerator<{ pipe: string; text: string }>;
  /** What happens at the farm. */
  events(
    args?: { from?: string | number; events?: readonly string[]; project?: string; entity?: string },
    options?: CallOptions,
  ): AsyncGenerator<StreamEvent>;
  /** Asks by an address of the API. */
  request(
    method: string,
    path: string,
    options?: CallOptions & { query?: Record<string, unknown>; repeated?: readonly string[]; body?: unknown },
  ): Promise<unknown>;
}
