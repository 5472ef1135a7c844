/** What an agent answered to one turn. Tokens and money are null when it does not say. */
export type AgentReply = {
  readonly text: string;
  readonly durationMs: number;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly usd: number | null;
};

/** What is known of a conversation at the agent's side. `turns` counts those that it has answered or is answering. */
type SessionState = { readonly turns: number; readonly closed: boolean };

/**
 * Somebody who writes patches when asked. Every method throws AppError: `unavailable` (does not answer, too busy; the
 * message is exact and holds no secret), `timeout` (a turn took too long: whether it ran is not known), `not_found` (there
 * is no such conversation any more, or it is closed: open another one), `unauthorized`, `invalid` (an answer that is not
 * what the agent's interface promises).
 */
export type Agent = {
  readonly adapter: string;
  readonly model: string | null;
  /** Opens a conversation that carries this attempt's name; answers its id. */
  open(patchId: string): Promise<string>;
  /** The open conversation that carries this attempt's name, if there is one: a crash may have lost its id. */
  find(patchId: string): Promise<string | null>;
  /** Asks once and waits for the whole answer. Never asked again by itself. */
  turn(sessionId: string, prompt: string, signal?: AbortSignal): Promise<AgentReply>;
  /** What became of a conversation; null when it is unknown there. */
  state(sessionId: string): Promise<SessionState | null>;
  /** Ends a conversation; ending it twice, or one that is gone, is no error. */
  close(sessionId: string): Promise<void>;
};
