#!/usr/bin/env node
// Starts the MCP server on the Node that it is written for, from a bare clone like launch.mjs. Nothing but the
// protocol may be written to standard output.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetUpError } from './plain-tools.mjs';
import { setUp } from './setup.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** For Node 20, which cannot replace itself by another program. The child ends with its standard input. */
function runBeneath(node, args, env) {
  const child = spawn(node, args, { env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${node} could not be started: ${error.message}.`));
  child.on('exit', (code) => process.exit(code ?? 1));
}

function fail(sentence) {
  process.stderr.write(`crafting-table-mcp: ${sentence}\n`);
  process.exit(1);
}

try {
  const say = (line) => process.stderr.write(`${line}\n`);
  const { node, env } = await setUp({ root, env: process.env, needsServer: false, say });
  const cache = env.NODE_COMPILE_CACHE ?? join(root, 'node_modules/.cache/node-compile');
  const args = [join(root, 'services/mcp/main.ts'), ...process.argv.slice(2)];
  const own = { ...env, NODE_COMPILE_CACHE: cache };
  if (typeof process.execve === 'function') process.execve(node, [node, ...args], own);
  runBeneath(node, args, own);
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  fail(error.message);
}
