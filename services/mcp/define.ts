import type { Static, TObject } from '@sinclair/typebox';

/** What the HTTP API answered: `json` is the parsed body, null when it is none. */
export type ApiAnswer = {
  readonly status: number;
  readonly json: unknown;
  readonly text: string;
  readonly retryAfterSecs: number | null;
};

/** Asks the HTTP API as the caller. Throws AppError('unavailable') when nothing answers. */
export type ApiCall = (
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  options?: { readonly accept?: string; readonly signal?: AbortSignal },
) => Promise<ApiAnswer>;

/** Asks the farm for a tool. `missing` says what to do where there is no such thing, or it is somebody else's. */
export type FarmClient = {
  get<T>(path: string, missing?: string): Promise<T>;
  post<T>(path: string, body: unknown, missing?: string): Promise<T>;
  /** Null where there is nothing at the address. */
  find<T>(path: string): Promise<T | null>;
  text(path: string, missing?: string): Promise<string>;
};

/** What a tool may know of the call that it answers. */
export type ToolContext = {
  /** Aborted when the caller takes the call back or goes away. */
  readonly signal: AbortSignal;
  /** Tells the caller how far it is; does nothing when the caller did not ask for it. */
  readonly progress: (done: number, total: number, message: string) => Promise<void>;
};

/** `prose` is for reading; `data` is what the output schema says; `json` adds the data as a second text block. */
export type ToolAnswer<Data> = { readonly prose: string; readonly data: Data; readonly json?: true };

export type Annotations = {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
};

/** A tool: what clients are told about it, and what it does. It throws AppError with a sentence that says what to do. */
export type Tool<I extends TObject = TObject, O extends TObject = TObject> = {
  readonly name: `crafting_table_${string}`;
  readonly title: string;
  readonly description: string;
  readonly input: I;
  readonly output: O;
  readonly annotations: Annotations;
  run(args: Static<I>, client: FarmClient, context: ToolContext): Promise<ToolAnswer<Static<O>>>;
};

/** Ties the arguments and the answer of a tool to its schemas. */
export function defineTool<I extends TObject, O extends TObject>(tool: Tool<I, O>): Tool {
  return tool as unknown as Tool;
}

/** Looks, and changes nothing. */
export const looks: Annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** Starts something new each time that reaches repositories and networks. */
export const starts: Annotations = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: true,
};
