import type { AgentProvider } from '../../../../events/jobs/agent-manifest.ts';

/** What a provider's command is made of. Paths and variables are those inside the bottle. */
type CommandFacts = {
  readonly program: string;
  readonly model: string | null;
  /** Whether it goes on with the session that its home holds. */
  readonly resumes: boolean;
};

/**
 * What its home gets before it starts. `env` is what the gateway gave: base URLs and placeholders of keys; `providerTools`: what its
 * provider of models may do by itself.
 */
type HomeFacts = {
  readonly env: Readonly<Record<string, string>>;
  readonly sidecarTool: string;
  readonly providerTools: readonly string[];
};

/** What an agent program says of itself in one line of its output. The gateway counts tokens; nobody believes these. */
type ToldUsage = { readonly turns?: number; readonly session?: string };

/** How a kind of agent program is spoken to. All of them get their prompt on standard input, never as an argument. */
export type Provider = {
  readonly name: AgentProvider;
  /** The gateway's names of what it may ask. */
  readonly gateway: readonly string[];
  /** Below HOME, what makes up its session. */
  readonly session: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** For `/bin/sh -c`, in the work tree. */
  command(facts: CommandFacts): string;
  /** Files below HOME, by their paths. */
  home(facts: HomeFacts): Readonly<Record<string, string>>;
  /** Null where the line says nothing of it. */
  readUsage(line: string): ToldUsage | null;
};

/** Where a prompt lies, below HOME. */
export const promptPath = '.crafting-table/prompt.md';
export const promptInput = `< "$HOME/${promptPath}"`;

/** A line of JSON as an object, or null. */
export function jsonLine(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
