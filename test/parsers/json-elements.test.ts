import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonElements } from '../../parsers/engine/json-elements.ts';
import { readLog } from '../../parsers/read-log.ts';

type Document = Readonly<Record<string, unknown>> | readonly unknown[];

/** What the parts of a document hold together: the elements of its lists, and the rest of the last part. */
function read(text: string, cuts: readonly number[]) {
  const parts: Document[] = [];
  const reader = jsonElements((part) => parts.push(JSON.parse(part)) > 0);
  let state = 'open';
  let at = 0;
  for (const cut of [...cuts.map((one) => one % (text.length + 1)).sort((a, b) => a - b), text.length]) {
    if (state === 'open') ({ state } = reader.feed(text.slice(at, cut)));
    at = cut;
  }
  return { parts, state };
}

test('the parts of a document hold each element once, however its text is cut', () => {
  const value = fc.jsonValue({ maxDepth: 3 }).map((inner) => ({ inner }));
  const list = fc.array(value, { maxLength: 6 });
  fc.assert(
    fc.property(
      list,
      list,
      value,
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.boolean(),
      (one, other, rest, cuts, pretty) => {
        const documents: Document[] = [one, { a: rest, results: one, z: other, end: rest }];
        for (const document of documents) {
          const { parts, state } = read(JSON.stringify(document, null, pretty ? 2 : 0), cuts);
          assert.equal(state, 'done');
          const of = (key: string) => parts.flatMap((part) => (Array.isArray(part) ? part : (Object(part)[key] ?? [])));
          const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
          if (Array.isArray(document)) assert.deepEqual(of(''), plain(one));
          else {
            assert.deepEqual(of('results'), plain(one));
            assert.deepEqual(of('z'), plain(other));
            assert.deepEqual(Object(parts.at(-1)).end, plain(rest));
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('the results of SARIF come with the tool that stands before them', () => {
  const run = { tool: { driver: { name: 'demo' } }, results: [{ ruleId: 'a' }, { ruleId: 'b' }] };
  const { parts } = read(JSON.stringify({ version: '2.1.0', runs: [run, run] }), [7, 40, 41]);
  const runs = parts.flatMap((part) => Object(part).runs);
  assert.deepEqual(
    runs.flatMap(({ results = [] }) => results.map(({ ruleId }: { ruleId: string }) => ruleId)),
    ['a', 'b', 'a', 'b'],
  );
  assert.ok(runs.every(({ tool }) => tool.driver.name === 'demo'));
});

test('a report that is larger than what may be held is read to its end', () => {
  const reader = readLog({
    language: 'typescript',
    recipe: 'lint',
    command: 'eslint -f json .',
    subproject: '.',
    roots: ['/w'],
  });
  const source = 'x'.repeat(100_000);
  const entry = (n: number) =>
    JSON.stringify({
      filePath: `/w/src/${n}.js`,
      messages: [{ ruleId: 'r', severity: 2, message: 'm', line: 1, column: 1 }],
      source,
    });
  const count = 680;
  reader.write('stdout', Buffer.from('['));
  for (let n = 0; n < count; n += 1) reader.write('stdout', Buffer.from(`${n === 0 ? '' : ','}${entry(n)}`));
  reader.write('stdout', Buffer.from(']\n'));
  const log = reader.end({ exitCode: 1, reason: 'exited' });
  assert.equal(log.findings.length, count);
  assert.deepEqual(log.problems, []);
  assert.ok(log.tools.some(({ tool, complete }) => tool === 'eslint' && complete));
});
