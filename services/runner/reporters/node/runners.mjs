/**
 * Loaded in every process of node: where that is jest or vitest as a command, it gets one reporter more than it has. A
 * configuration with reporters of its own is left alone, since naming one on the command line would take its own away. Mocha and
 * ava take one reporter only: they are listened to.
 */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { watchAva } from './ava.mjs';
import './channel.mjs';
import { watchMocha } from './mocha.mjs';

const listeners = [
  { program: /[/\\]mocha[/\\](?:bin[/\\]_?mocha(?:\.c?js)?|lib[/\\]cli[/\\]cli\.js)$/, watch: watchMocha },
  { program: /[/\\]ava[/\\](?:entrypoints[/\\]cli\.mjs|cli\.js)$/, watch: watchAva },
];

const runners = [
  {
    program: /[/\\](?:jest|jest-cli)[/\\]bin[/\\]jest(?:\.js)?$/,
    option: '--reporters',
    usual: 'default',
    reporter: 'jest.mjs',
    config: /^(?:jest\.config\..+|package\.json)$/,
  },
  {
    program: /[/\\]vitest[/\\](?:vitest\.mjs|dist[/\\]cli\.js)$/,
    option: '--reporter',
    usual: 'default',
    reporter: 'vitest.mjs',
    config: /^(?:(?:vitest|vite)\.(?:config|workspace)\..+|package\.json)$/,
  },
];

const program = realPath(process.argv[1] ?? '');
const listener = listeners.find((one) => one.program.test(program));
if (listener) await listener.watch(program.replace(/^(.*[/\\](?:mocha|ava))[/\\].*$/, '$1'));
const runner = runners.find((one) => one.program.test(program));
if (runner) {
  const { option, usual, reporter, config } = runner;
  const words = process.argv.slice(2);
  const named = words.some((word) => word === option || word.startsWith(`${option}=`));
  const configured = readdirSync('.').some(
    (name) => config.test(name) && /\breporters\b/.test(readFileSync(name, 'utf8')),
  );
  const elsewhere = words.some((word) => /^(?:-c|-r|--config|--root|--rootDir)(?:=|$)/.test(word));
  if (named || !(configured || elsewhere)) {
    const ours = fileURLToPath(new URL(reporter, import.meta.url));
    const added = [...(named ? [] : [usual]), ours].map((one) => `${option}=${one}`);
    // What comes after two dashes is names of files.
    const dashes = process.argv.indexOf('--', 2);
    process.argv.splice(dashes < 0 ? process.argv.length : dashes, 0, ...added);
  }
}

function realPath(path) {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
