import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

// Sizes that a reader likes. They are advice, printed by `npm run check`: a file that is split to please a number is worse than
// a long one.
const root = resolve(import.meta.dirname, '..', '..');
const most = { source: 200, test: 420, function: 60, folder: 16, readme: 65 };
const text = (file: string) => readFileSync(join(root, file), 'utf8');
const linesIn = (file: string) => text(file).split('\n').length;

const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)) && !/(^|\/)(fixtures|sample|smoke)\//.test(file));
const code = tracked.filter((file) => /\.(ts|mjs)$/.test(file));
const advice: string[] = [];

for (const file of code) {
  const limit = file.startsWith('test/') ? most.test : most.source;
  if (linesIn(file) > limit) advice.push(`${file} has ${linesIn(file)} lines; ${limit} are read at one sitting`);
}

for (const file of tracked.filter((one) => one.endsWith('/README.md')))
  if (linesIn(file) > most.readme) advice.push(`${file} has ${linesIn(file)} lines; ${most.readme} are read`);

const folders = Map.groupBy(
  code.filter((file) => /^(events|projections|recipes|services)\//.test(file)),
  dirname,
);
for (const [folder, { length }] of folders)
  if (length > most.folder) advice.push(`${folder} has ${length} files; above ${most.folder} one gets lost`);

// Functions of a module as the formatter writes them: from the line that begins one to the brace at the left edge. One that is
// right to be long says so in its docstring: `Long: a reducer, one step an event.` Of a list of routes, each route is measured.
for (const file of code.filter((one) => /^(events|projections|recipes|services)\/.*\.ts$/.test(one))) {
  const lines = text(file).split('\n');
  for (const [at, line] of lines.entries()) {
    const [, name] = /^(?:export )?(?:async )?(?:function\*? |const )(\w+).*(?:\(|=>|\{)$/.exec(line) ?? [];
    if (name === undefined || !/function|=>/.test(lines.slice(at, at + 12).join(' '))) continue;
    const body = lines.slice(
      at,
      at + 1 + lines.slice(at + 1).findIndex((one) => /^[}\])]+;?$|^\} as const|^\}.*;$/.test(one)),
    );
    const length = /^\w+Routes$/.test(name) ? longestPart(body) : body.length + 1;
    if (length > most.function && !docstringAbove(lines, at).includes('Long: '))
      advice.push(
        `${file}:${at + 1} ${name} has ${length} lines; above ${most.function} its docstring says why, as \`Long: why\``,
      );
  }
}

/** The longest statement in the body of a function, in lines. */
function longestPart(body: readonly string[]): number {
  const starts = body.flatMap((line, at) => (/^ {2}[\w/]/.test(line) ? [at] : []));
  return Math.max(0, ...starts.map((start, at) => (starts[at + 1] ?? body.length) - start));
}

function docstringAbove(lines: readonly string[], at: number): string {
  const above = lines.slice(0, at).reverse();
  const end = above.findIndex((line) => !/^(?:\/\*\*| \*|\/\/)/.test(line));
  return above.slice(0, end < 0 ? above.length : end).join('\n');
}

process.stdout.write(advice.length === 0 ? '' : `Advice on sizes, which fails nothing:\n  ${advice.join('\n  ')}\n`);
