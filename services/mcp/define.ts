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
type ToolContext = {
  /** Aborted when the caller takes the call back or goes away. */
  readonly signal: AbortSignal;
  /** Tells the caller how far it is; does nothing when the caller did not ask for it. */
  readonly progress: (done: number, total: number, message: string) => Promise<void>;
};

/** `prose` is for reading; `data` is what the output schema says, and stands in the answer once. */
export type ToolAnswer<Data> = { readonly prose: string; readonly data: Data };

/** What belongs together, and is offered or left out together. */
export const toolsets = {
  projects: 'repositories, and how one is registered',
  jobs: 'recipes are run, followed, ended, repeated, and their logs read',
  findings: 'what tools found, the source around it, and living with it',
  patches: 'attempts to mend findings, and diffs of your own that are proven',
  insight: 'what needs somebody now, trends, flaky tests, schedules, two jobs side by side',
  manage: 'what a project is called',
} as const;
export type Toolset = keyof typeof toolsets;

/** What a client that says nothing is offered: what is needed from a failing job to a pull request. */
export const usualToolsets: readonly Toolset[] = ['projects', 'jobs', 'findings', 'patches'];

/** What may be left out of a call, and is asked of the person at the client then. */
export type Asks = { readonly field: string; readonly message: string; readonly title: string };

/** Of a tool that only reads, the protocol says nothing by the two in the middle. */
type Annotations =
  | { readonly readOnlyHint: true; readonly openWorldHint: boolean }
  | {
      readonly readOnlyHint: false;
      readonly destructiveHint: boolean;
      readonly idempotentHint: boolean;
      readonly openWorldHint: boolean;
    };

/** A tool: what clients are told about it, and what it does. It throws AppError with a sentence that says what to do. */
export type Tool<I extends TObject = TObject, O extends TObject = TObject> = {
  readonly name: `crafting_table_${string}`;
  readonly toolset: Toolset;
  readonly title: string;
  readonly description: string;
  readonly input: I;
  readonly output: O;
  readonly annotations: Annotations;
  readonly asks?: Asks;
  run(args: Static<I>, client: FarmClient, context: ToolContext): Promise<ToolAnswer<Static<O>>>;
};

/** Ties the arguments and the answer of a tool to its schemas. */
export function defineTool<I extends TObject, O extends TObject>(tool: Tool<I, O>): Tool {
  return tool as unknown as Tool;
}

/** Looks, and changes nothing. */
export const looks = { readOnlyHint: true, openWorldHint: false } as const satisfies Annotations;

/** Changes something of the farm alone; the same call again changes nothing more. */
export const changes: Annotations = {
  readOnlyHint: false,
  destructiveHint: true,
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
