import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { cutStart, fitTable, widthOf } from '../../../services/cli/print/fit-table.ts';
import { groupedFindings, type ListedFinding } from '../../../services/cli/print/grouped-findings.ts';
import { jobColumns } from '../../../services/cli/print/job-table.ts';

const narrow = { terminal: { isTTY: true, columns: 80, colour: false } };
const none = { code: null, file: null, line: null, subproject: '.', package: null, installed_version: null };
const long = `services/${'deep/'.repeat(20)}cart.ts`;

function finding(more: Partial<ListedFinding>): ListedFinding {
  return { ...none, severity: 'error', tool: 'eslint', message: 'It is wrong', ...more };
}

test('on a terminal findings stand below their file, and no line number is cut at 80 columns', () => {
  const text = groupedFindings(
    narrow,
    [],
    [
      finding({ id: 7, file: long, line: 1234, column: 56, code: 'no-undef', message: 'x '.repeat(80) }),
      finding({ id: 8, file: 'a.js', line: 9, severity: 'warn', code: '@typescript-eslint/no-floating-promises' }),
      finding({ id: 9, file: long, line: 2, column: 1, code: 'no-var' }),
      finding({ id: 10, package: 'left-pad', installed_version: '1.0.0', tool: 'npm-audit' }),
      finding({ id: 11, tool: 'recipe' }),
    ],
  );
  const lines = text.split('\n').filter(Boolean);
  assert.ok(
    lines.every((line) => widthOf(line) <= 80),
    text,
  );
  assert.match(lines[0] ?? '', /^….*deep\/cart\.ts$/);
  assert.match(lines[1] ?? '', /^ {2}2:1 +error +It is wrong +eslint no-var +#9$/);
  assert.match(lines[2] ?? '', /^ {2}1234:56 +error +x x .*… +eslint no-undef +#7$/);
  assert.deepEqual([lines[3], lines[5], lines[7]], ['a.js', 'left-pad 1.0.0', 'the whole project']);
});

test('findings of several projects say of which, and what is not open says so', () => {
  const [one, two] = [
    finding({ file: 'a.js', line: 1, project: 'shop', state: 'resolved' }),
    finding({ file: 'a.js', line: 1, project: 'web', state: 'open' }),
  ];
  const text = groupedFindings(narrow, [], [one, two]);
  assert.match(text, /^shop: a\.js\n {2}1 +error +resolved/m);
  assert.match(text, /^web: a\.js\n {2}1 +error +open/m);
});

test('away from a terminal each finding is a row with its place, whole', () => {
  const piped = { terminal: { isTTY: false, columns: 80, colour: false } };
  const columns = [{ head: 'place', of: ({ file, line }: ListedFinding) => `${file}:${line}` }];
  assert.equal(groupedFindings(piped, columns, [finding({ file: long, line: 3 })]), `place\n${long}:3`);
});

test('jobs fit into 80 columns with their whole id, and the end of a path is what is kept of it', () => {
  const job = {
    job_id: '01m7yqtxktspcs1tbxettq4r8d',
    status: 'succeeded',
    recipe: 'build',
    project: 'a-project-with-a-name',
    subproject: 'services/warehouse/inventory',
    findings_count: 12345,
    duration_ms: 3_599_000,
    enqueued_at: '2026-03-04T05:06:07.000Z',
  } as JobDoc;
  const text = fitTable(narrow, jobColumns, [job]);
  assert.ok(
    text.split('\n').every((line) => widthOf(line) <= 80),
    text,
  );
  assert.match(text, /^01m7yqtxktspcs1tbxettq4r8d +succeeded +build +a-proj.*… +12345 +59 min 59 s/m);
  assert.equal(cutStart('services/web/a.ts', 9), '…web/a.ts');
});
