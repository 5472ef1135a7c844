import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { AppError } from '../floor/app-error.ts';
import type { Cli, Input, Terminal } from './define.ts';

const mostInput = 8 * 1024 * 1024;

/** The outside of a command as this process has it; who is spoken to is found out by the command line. */
export function processCli(env: NodeJS.ProcessEnv): Omit<Cli, 'client'> {
  let interrupts: AbortController | undefined;
  return {
    env,
    print: (line) => void process.stdout.write(`${line}\n`),
    printError: (line) => void process.stderr.write(`${line}\n`),
    write: (text) => void process.stdout.write(text),
    terminal: terminalOf(env),
    input,
    // Who does not ask for it is ended by Ctrl-C as every program is.
    get signal() {
      interrupts ??= listenForInterrupts();
      return interrupts.signal;
    },
  };
}

function terminalOf(env: NodeJS.ProcessEnv): Terminal {
  const { stdout } = process;
  return {
    isTTY: stdout.isTTY === true,
    get columns() {
      return stdout.columns || 80;
    },
    get rows() {
      return stdout.rows || 24;
    },
    colour: wantsColour(env, stdout.isTTY === true),
  };
}

/** NO_COLOR (no-color.org) and FORCE_COLOR (force-color.org): each counts when it is not empty. */
function wantsColour(env: NodeJS.ProcessEnv, isTTY: boolean): boolean {
  const forced = env['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced !== '0' && forced !== 'false';
  return isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

function listenForInterrupts(): AbortController {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  return controller;
}

const input: Input = {
  isTTY: process.stdin.isTTY === true,
  all: async () => {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of process.stdin) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > mostInput) throw new AppError('too_large', 'Standard input is longer than 8 MiB.');
    }
    return Buffer.concat(chunks).toString('utf8');
  },
  ask: (question, { hidden = false } = {}) => {
    const { promise, resolve } = Promise.withResolvers<string | null>();
    process.stderr.write(question);
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({
      input: process.stdin,
      output: hidden ? silent : process.stderr,
      terminal: process.stdin.isTTY === true,
      historySize: 0,
    });
    lines.once('line', resolve);
    lines.once('SIGINT', () => resolve(null));
    lines.once('close', () => resolve(null));
    return promise.finally(() => {
      lines.close();
      if (hidden) process.stderr.write('\n');
    });
  },
};
