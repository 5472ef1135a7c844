// Changes sources one small thing at a time and says which changes no test notices:
// npm run mutate -- [--most N] [--seed N] [--tests N] [--with test/a.test.ts] <files...>
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { shuffled } from '../suite/choose-files.ts';
import { root } from '../suite/imports.ts';
import { type Ended, runUnit } from '../suite/run-unit.ts';
import { compileCache } from '../support/compile-cache.ts';
import { findMutants, type Mutant } from './find-mutants.ts';
import { knownSurvivors } from './known-survivors.ts';
import { nearestTests } from './nearest-tests.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    most: { type: 'string' },
    seed: { type: 'string' },
    tests: { type: 'string' },
    with: { type: 'string', multiple: true },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const say = (text: string) => void process.stdout.write(`${text}\n`);
const hook = pathToFileURL(join(import.meta.dirname, 'mutant-hook.mjs')).href;

const failedIn = ({ tests, trouble }: Ended) => trouble !== null || tests.some(({ kind }) => kind === 'failed');

/** Runs tests, each file in a process of its own, until one fails; with a mutant when there is one. */
async function anyFails(files: readonly string[], mutated?: { file: string; mutant: Mutant }): Promise<boolean> {
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_COMPILE_CACHE: compileCache };
  if (mutated) {
    const { start, end, to } = mutated.mutant;
    const url = pathToFileURL(join(root, mutated.file)).href;
    env.CRAFTING_MUTANT = JSON.stringify({ url, start, end, to });
    env.NODE_OPTIONS = `--import ${hook}`;
  }
  for (const file of files) {
    // A mutant may wait for ever; the longest that a test may take is far from that.
    const ended = await runUnit({ files: [file], titles: [] }, env, { firstFailure: true, testMs: 60_000 });
    if (failedIn(ended)) return true;
  }
  return false;
}

function lineOf(source: string, { line }: Mutant): string {
  return (source.split('\n')[line - 1] ?? '').trim();
}

let [tried, killed] = [0, 0];
if (positionals.length === 0) {
  say('Name the sources to change: npm run mutate -- services/floor/text/redactor.ts');
  process.exit(2);
}
for (const file of positionals) {
  const source = readFileSync(join(root, file), 'utf8');
  const tests = values.with ?? nearestTests(file, Number(values.tests ?? 4));
  if (tests.length === 0 || (await anyFails(tests))) {
    say(`${file}: ${tests.length === 0 ? 'no test imports it' : `its tests fail as it is: ${tests.join(', ')}`}`);
    process.exitCode = 1;
    continue;
  }
  const all = findMutants(source);
  const some = shuffled(all, seed).slice(0, Number(values.most ?? all.length));
  say(`${file}: ${some.length} of ${all.length} mutants by --seed ${seed}, against ${tests.join(', ')}`);
  for (const mutant of some) {
    const known = knownSurvivors.find(
      (one) =>
        one.file === file && one.line === lineOf(source, mutant) && one.from === mutant.from && one.to === mutant.to,
    );
    if (known) continue;
    tried += 1;
    if (await anyFails(tests, { file, mutant })) killed += 1;
    else
      say(
        `  survives  ${file}:${mutant.line}  ${mutant.from}  ->  ${mutant.to || '(nothing)'}\n            ${lineOf(source, mutant)}`,
      );
  }
}
say(`${killed} of ${tried} killed${tried > 0 ? `, ${Math.round((100 * killed) / tried)} %` : ''}`);
