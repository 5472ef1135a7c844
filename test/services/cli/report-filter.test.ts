import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportFilter } from '../../../services/cli/print/report-filter.ts';

/** What people see of a log that comes in pieces of so many characters. */
function shown(log: string, size = log.length): string {
  const filter = reportFilter();
  let out = '';
  for (let at = 0; at < log.length; at += size) out += filter.write(log.slice(at, at + size));
  return out + filter.end();
}

const cases: readonly (readonly [what: string, log: string, seen: string])[] = [
  ['a report on one line', 'linting\n[{"filePath":"/a.js","messages":[]}]\ndone\n', 'linting\ndone\n'],
  ['a report over many lines', '{\n  "results": [\n    "a } ]"\n  ]\n}\nended\n', 'ended\n'],
  ['a report without an end of its line', '[{"a":1}]', ''],
  ['an empty report', '[]\n{}\n', ''],
  ['XML', '<?xml version="1.0"?>\n<checkstyle>\n<file/>\n</checkstyle>\nbye\n', 'bye\n'],
  [
    'words in brackets',
    '[INFO] Building\n[1/3] Fetch\n{ a: 1 }\n[x] done\n',
    '[INFO] Building\n[1/3] Fetch\n{ a: 1 }\n[x] done\n',
  ],
  ['what only begins like a report', '{"a": 1} and more\n["x"\n', '{"a": 1} and more\n["x"\n'],
  ['a string that is torn', '{"a": "b\nnext\n', '{"a": "b\nnext\n'],
  ['what cargo renders', '{"message":{"rendered":"error: no\\n"}}\n{"reason":"build-finished"}\n', 'error: no\n'],
  ['what go test prints', '{"Action":"output","Output":"--- FAIL\\n"}\n', '--- FAIL\n'],
];

test('reports for programs are taken out of a log that people watch, in whatever pieces it comes', () => {
  for (const [what, log, seen] of cases)
    for (const size of [log.length, 7, 1]) assert.equal(shown(log, size), seen, `${what}, in pieces of ${size}`);
});

test('a line that is no report is shown before it ends', () => {
  const filter = reportFilter();
  assert.equal(filter.write('12 % '), '12 % ');
  assert.equal(filter.write('13 %\n[{"a"'), '13 %\n');
  assert.equal(filter.write(':1}]\n'), '');
});
