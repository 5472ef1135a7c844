import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { commitFiles, makeRepository } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { linter } from '../../support/tiny-linter.ts';

/** A file as a list of lines: `bad` ones are found by the linter, others are not. */
type Lines = readonly string[];

type Edit =
  | { readonly kind: 'insert'; readonly at: number; readonly count: number }
  | { readonly kind: 'delete'; readonly at: number }
  | { readonly kind: 'reformat' }
  | { readonly kind: 'indent' }
  | { readonly kind: 'move'; readonly to: string };

const isBad = (line: string) => line.includes('bad');
const original: Lines = [
  ...Array.from({ length: 20 }, (_, n) => `const first${n} = ${n};`),
  'bad(1);',
  'bad(2);',
  ...Array.from({ length: 20 }, (_, n) => `const second${n} = ${n};`),
  'bad(2);',
  'bad(3, "three");',
];

function edited(lines: Lines, edit: Edit): Lines {
  switch (edit.kind) {
    case 'insert':
      return lines.toSpliced(
        edit.at % (lines.length + 1),
        0,
        ...Array.from({ length: edit.count }, (_, n) => `// note ${edit.at} ${n}`),
      );
    case 'delete': {
      const ordinary = lines.flatMap((line, index) => (isBad(line) ? [] : [index]));
      return lines.toSpliced(ordinary[edit.at % ordinary.length] ?? 0, ordinary.length > 20 ? 1 : 0);
    }
    case 'reformat':
      return lines.map((line) => (isBad(line) ? line : line.replace(' = ', '  =  ')));
    case 'indent':
      return lines.map((line) => `  ${line}`);
    case 'move':
      return lines;
    default:
      return edit satisfies never;
  }
}

const edits = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('insert' as const), at: fc.nat(60), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('delete' as const), at: fc.nat(60) }),
    fc.constant({ kind: 'reformat' as const }),
    fc.constant({ kind: 'indent' as const }),
    fc.record({ kind: fc.constant('move' as const), to: fc.constantFrom('src/b.js', 'src/deep/c.js', 'src/d.js') }),
  ),
  { minLength: 1, maxLength: 5 },
);

let farm: TestFarm;
let count = 0;

before(async () => {
  farm = await openFarm();
});
after(() => farm.close());

async function shop() {
  count += 1;
  const name = `edited-${count}`;
  const repository = makeRepository(join(farm.dir, name), {
    'lint.pl': linter,
    'src/a.js': `${original.join('\n')}\n`,
  });
  const subproject = { path: '.', language: 'javascript', lint: 'perl lint.pl # eslint -f json' };
  await farm.http.post('/projects', { name, git_url: repository, subprojects: [subproject] });
  const run = async (): Promise<Json> => {
    const { json } = await farm.http.post(`/projects/${name}/jobs`, { recipe: 'lint' });
    return farm.http.ended(json.job_id);
  };
  const open = async (): Promise<string[]> => {
    const { json } = await farm.http.get(`/findings?project=${name}&state=open`);
    return json.findings.map(({ identity }: Json) => identity).sort();
  };
  return { repository, run, open };
}

/** Applies edits to the file, wherever it is by now, and commits; answers the lines and where they are. */
function apply(repository: string, { lines, path }: { lines: Lines; path: string }, edit: Edit) {
  const to = edit.kind === 'move' ? edit.to : path;
  if (to !== path) {
    mkdirSync(dirname(join(repository, to)), { recursive: true });
    renameSync(join(repository, path), join(repository, to));
  }
  const next = edited(lines, edit);
  commitFiles(repository, { [to]: `${next.join('\n')}\n`, 'edits.txt': `${Math.random()}\n` });
  return { lines: next, path: to };
}

test('edits that leave the offending lines alone make no finding new and close none', async () => {
  await fc.assert(
    fc.asyncProperty(edits, async (list) => {
      const { repository, run, open } = await shop();
      assert.equal((await run()).baseline_findings_count, 4);
      const before = await open();
      let at: { lines: Lines; path: string } = { lines: original, path: 'src/a.js' };
      for (const edit of list) at = apply(repository, at, edit);
      const job = await run();
      assert.deepEqual([job.findings_count, job.new_findings_count, job.resolved_findings_count], [4, 0, 0]);
      assert.deepEqual(await open(), before);
    }),
    { numRuns: 12 },
  );
});

test('an offending line that is changed is another finding, whatever else was edited', async () => {
  await fc.assert(
    fc.asyncProperty(edits, async (list) => {
      const { repository, run, open } = await shop();
      await run();
      const before = await open();
      let at: { lines: Lines; path: string } = {
        lines: original.map((line) => line.replace('"three"', '"four"')),
        path: 'src/a.js',
      };
      for (const edit of list) at = apply(repository, at, edit);
      const job = await run();
      assert.deepEqual([job.findings_count, job.new_findings_count, job.resolved_findings_count], [4, 1, 1]);
      const now = await open();
      assert.equal(now.filter((identity) => before.includes(identity)).length, 3);
    }),
    { numRuns: 8 },
  );
});
