#!/usr/bin/env node
// Starts the program on the Node that it is written for. Plain JavaScript without dependencies, because this is what
// runs on a bare clone under any Node >= 20, before anything is installed.
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetUpError } from './plain-tools.mjs';
import { setUp } from './setup.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Commands that start a farm and so need nats-server; the others run on a machine without it. */
const farmCommands = new Set(['backup', 'demo', 'rebuild', 'restore', 'up']);

/** Scripts that start some hundred processes on the same sources. */
const testScripts = new Set(['check:all', 'test:all']);

/** Keeps what was compiled for the next start. */
function withCompileCache(env) {
  return { ...env, NODE_COMPILE_CACHE: env.NODE_COMPILE_CACHE ?? join(root, 'node_modules/.cache/node-compile') };
}

/** A script of package.json, with Node 24 first on the PATH, in the project's folder. */
function scriptCommand(node, [script, ...args], env) {
  if (script === undefined) throw new SetUpError('--run needs the name of a script of package.json.');
  return {
    file: '/bin/sh',
    args: [
      'sh',
      '-c',
      'cd "$1" && shift && exec npm run "$@"',
      'sh',
      root,
      script,
      ...(args.length > 0 ? ['--', ...args] : []),
    ],
    env: {
      ...(testScripts.has(script) ? withCompileCache(env) : env),
      PATH: `${dirname(node)}${delimiter}${env.PATH ?? ''}`,
    },
    group: true,
  };
}

/** Four times as much, which is usual, makes nothing faster here and the service 20 MB larger. Only a start can say it. */
const youngSpace = '--max-semi-space-size=4';

/** One heap of the C library for all threads: with one for each, what they free lies there unused (3 to 16 MB). musl has one anyway. */
const oneHeap = { MALLOC_ARENA_MAX: '1' };

/** A signal opens no debugger, which would show what is in memory to everybody on this machine. */
const closed = '--disable-sigusr1';

/** The types of the pages are stripped by a part of Node that calls itself experimental. */
const quiet = '--disable-warning=ExperimentalWarning';

/** The program itself, in the caller's folder. */
function programCommand(node, args, env) {
  return {
    file: node,
    args: [node, youngSpace, closed, quiet, join(root, 'services/cli/main.ts'), ...args],
    env: { ...oneHeap, ...withCompileCache(env) },
    group: false,
  };
}

// Runs in the child, before its own code: a launcher that was killed with -9 closes the channel and takes it along.
const followParent = `data:text/javascript,${encodeURIComponent(
  "process.on('disconnect',()=>process.kill(process.pid,'SIGTERM'));process.channel?.unref()",
)}`;

/**
 * For Node 20, which cannot replace itself by another program. The child gets a session of its own, so that Ctrl-C at a
 * terminal comes only here and is handed on once.
 */
function runBeneath({ file, args, env, group }) {
  const child = spawn(file, group ? args.slice(1) : ['--import', followParent, ...args.slice(1)], {
    env,
    detached: true,
    stdio: group ? 'inherit' : ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  for (const signal of signals) {
    process.on(signal, () => {
      if (child.pid === undefined) return;
      try {
        process.kill(group ? -child.pid : child.pid, signal);
      } catch {
        // It ended in the meantime: its exit is on the way.
      }
    });
  }
  child.on('error', (error) => fail(`${file} could not be started: ${error.message}.`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** As `help exit-codes` says: this machine does not have what is needed. */
function fail(sentence) {
  process.stderr.write(`crafting-table: ${sentence}\n`);
  process.exit(78);
}

try {
  const [first, ...rest] = process.argv.slice(2);
  const script = first === '--run';
  const needsServer = script || farmCommands.has(first);
  const { node, env } = await setUp({
    root,
    env: process.env,
    needsServer,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  const command = script ? scriptCommand(node, rest, env) : programCommand(node, process.argv.slice(2), env);
  if (typeof process.execve === 'function') process.execve(command.file, command.args, command.env);
  runBeneath(command);
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  fail(error.message);
}
