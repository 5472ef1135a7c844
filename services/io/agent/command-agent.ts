import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../floor/app-error.ts';
import { redactorOf } from '../../floor/text/redactor.ts';
import { ownerLives, ownerTag } from '../git/trees/process-owner.ts';
import { signalGroup } from '../process/signal-group.ts';
import type { Agent } from './agent.ts';
import { type CommandSessions, type Conversation, openCommandSessions } from './command-session.ts';
import { retoldConversation } from './conversation-text.ts';
import { lastWords } from './failure-words.ts';
import { givenUp } from './gateway-call.ts';
import { type ProgramEnd, type ProgramRun, runProgram } from './program-run.ts';

export type CommandAgentOptions = {
  /** Run by `/bin/sh -c`: reads the prompt on its standard input, prints the answer. */
  readonly command: string;
  readonly turnTimeoutSecs: number;
  /** The service's own; the program gets PATH, HOME, LANG and the names of `passOn`. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly passOn?: readonly string[];
  /** Where conversations are kept: outside of any repository, and not shared with another service. */
  readonly folder?: string;
  readonly now?: () => number;
  /** How a turn is run; without, as the user of the service. */
  readonly run?: (run: ProgramRun) => Promise<ProgramEnd>;
};

const maxAnswerBytes = 4 * 1024 * 1024;

/** Conversations with a program that is started for each turn and told all that was said before. */
export function openCommandAgent(options: CommandAgentOptions): Agent {
  const { command, turnTimeoutSecs, now = Date.now, run = runProgram } = options;
  const folder = options.folder ?? join(tmpdir(), `crafting-table-agent-${process.getuid?.() ?? 'user'}`);
  const sessions = openCommandSessions(folder, now);
  const env = programEnvironment(options);
  const { text: redact } = redactorOf(secretsOf(env));
  const running = new Map<string, { readonly closing: AbortController; readonly ended: Promise<void> }>();
  return {
    adapter: 'command',
    model: null,
    open: async (patchId) => sessions.open(patchId),
    find: async (patchId) => sessions.find(patchId),
    async turn(sessionId, prompt, signal) {
      if (signal?.aborted) throw givenUp();
      const before = sessions.read(sessionId);
      if (before === null) throw new AppError('not_found', 'There is no such conversation any more.');
      if (running.has(sessionId)) throw new AppError('unavailable', 'The conversation answers another question still.');
      const closing = new AbortController();
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      running.set(sessionId, { closing, ended });
      try {
        endLeftOver(before);
        const startedAt = now();
        const note = noteOf(sessions, sessionId, { turns: [...before.turns, { prompt, reply: null }] });
        note(null);
        const result = await run({
          command,
          env,
          cwd: sessions.workFolder(sessionId),
          input: retoldConversation(before.turns, prompt),
          timeoutMs: turnTimeoutSecs * 1000,
          maxBytes: maxAnswerBytes,
          signal: signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]),
          onStart: (pid) => note(ownerTag(pid)),
        });
        if (!closing.signal.aborted) note(null);
        check(result, turnTimeoutSecs, redact);
        const text = redact(result.stdout);
        noteOf(sessions, sessionId, { turns: [...before.turns, { prompt, reply: text }] })(null);
        const durationMs = Math.max(0, Math.round(now() - startedAt));
        return { text, durationMs, inputTokens: null, outputTokens: null, usd: null };
      } finally {
        running.delete(sessionId);
        if (closing.signal.aborted) sessions.remove(sessionId);
        end();
      }
    },
    async state(sessionId) {
      const conversation = sessions.read(sessionId);
      return conversation === null ? null : { turns: conversation.turns.length, closed: false };
    },
    async close(sessionId) {
      const answering = running.get(sessionId);
      answering?.closing.abort();
      await answering?.ended;
      const conversation = sessions.read(sessionId);
      if (conversation !== null) endLeftOver(conversation);
      sessions.remove(sessionId);
    },
  };
}

function noteOf(sessions: CommandSessions, sessionId: string, { turns }: Pick<Conversation, 'turns'>) {
  return (answering: string | null): void => sessions.write(sessionId, { turns, answering });
}

// A service that was killed leaves its program running.
function endLeftOver({ answering }: Conversation): void {
  if (answering !== null && ownerLives(answering)) signalGroup(Number(answering.split('_')[0]), 'SIGKILL');
}

const always = ['PATH', 'HOME', 'LANG'];

/** What the program may know; our own variables are never among it. */
function programEnvironment({ environment, passOn = [] }: CommandAgentOptions): Record<string, string> {
  const wanted = (name: string): boolean =>
    always.includes(name) || (!name.startsWith('CRAFTING_') && passOn.includes(name));
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      wanted(name) && value !== undefined ? [[name, value]] : [],
    ),
  );
}

// The program may print its own key, in a complaint or because a repository talked it into it.
function secretsOf(env: Readonly<Record<string, string>>): string[] {
  const secret = /KEY|TOKEN|SECRET|PASS|AUTH|CRED/i;
  return Object.entries(env).flatMap(([name, value]) => (!always.includes(name) && secret.test(name) ? [value] : []));
}

function check({ code, stderr, stopped }: ProgramEnd, turnTimeoutSecs: number, redact: (text: string) => string): void {
  if (stopped === 'aborted') throw givenUp();
  if (stopped === 'timeout')
    throw new AppError('timeout', `The agent's command did not end within ${turnTimeoutSecs} s.`);
  if (stopped === 'output')
    throw new AppError('invalid', `The agent's command prints more than ${maxAnswerBytes} bytes.`);
  if (code === 0) return;
  const words = redact(lastWords(redact(stderr)));
  const ending = code === null ? 'was ended by a signal or did not start' : `ended with exit code ${code}`;
  throw new AppError('unavailable', `The agent's command ${ending}${words === '' ? '' : `: ${words}`}`);
}
