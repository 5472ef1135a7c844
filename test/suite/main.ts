// The whole suite, or the part that some words name: node test/suite/main.ts [--seed N] [--jobs N] [--alone] [words...]
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { compileCache } from '../support/compile-cache.ts';
import { batched } from './batches.ts';
import { chooseUnits, shuffled, type Unit } from './choose-files.ts';
import { meetMachine } from './machine.ts';
import { sayEnd, sayUnit } from './report.ts';
import { type Ended, endUnits, runUnit } from './run-unit.ts';

function partOf(words: readonly string[]): Unit[] {
  try {
    return chooseUnits(words);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, jobs: { type: 'string' }, alone: { type: 'boolean', default: false } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const atOnce = Number(values.jobs ?? 2 * availableParallelism());
const chosen = shuffled(partOf(positionals), seed);
const waiting = values.alone ? [...chosen] : batched(chosen);
const { lines, pace } = meetMachine(Math.min(atOnce, waiting.length));
const order = `order    of ${chosen.length} files in ${waiting.length} processes by --seed ${seed}`;
process.stdout.write(`${[...lines, order].join('\n')}\n\n`);

process.env.CRAFTING_TEST_PACE = String(pace);
process.env.NODE_COMPILE_CACHE ??= compileCache;
// Who ends the suite ends its processes, and each takes along what it started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    endUnits();
    process.exit(1);
  });
const startedAt = performance.now();
const ended: Ended[] = [];
const worker = async () => {
  for (let unit = waiting.shift(); unit; unit = waiting.shift()) {
    const one = await runUnit(unit, process.env);
    if (one.trouble !== null && unit.files.length > 1) {
      // What ended the process is the fault of one of its files: each shows what it does alone.
      process.stdout.write(`again, each alone: ${unit.files.join(', ')}: ${one.trouble}\n`);
      waiting.push(...unit.files.map((file) => ({ files: [file], titles: [] })));
      continue;
    }
    ended.push(one);
    sayUnit(one);
  }
};
await Promise.all(Array.from({ length: atOnce }, worker));
process.exitCode = sayEnd(ended, { ms: performance.now() - startedAt, seed, files: values.alone ? chosen.length : 10 })
  ? 0
  : 1;
