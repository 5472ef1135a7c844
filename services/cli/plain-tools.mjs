// What the set-up does with programs and files. Plain JavaScript without dependencies, for Node >= 20.
import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something that the user has to mend; the message is the one sentence to show. */
export class SetUpError extends Error {}

/** The full path of a program, or undefined. */
export function find(program, env, further = []) {
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), ...further];
  return folders.map((folder) => join(folder, program)).find(isProgram);
}

export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Runs a command quietly; what it wrote is kept for the sentence that a failure needs. */
export function run([file, ...args], { cwd, env }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (text) => {
      output = (output + text).slice(-65_536);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

/** ` (what the tool itself gave as the reason)`, or nothing. */
export function reasonOf(output) {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const errors = lines
    .map((line) => /^(?:npm (?:error|ERR!)|E:|Error:|ERROR:)\s+(?!code\b)(\S.*)$/.exec(line)?.[1])
    .filter(Boolean);
  const reason = errors[0] ?? lines.at(-1);
  return reason === undefined ? '' : ` (${reason.slice(0, 300).replace(/[.:]+$/, '')})`;
}

export function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
