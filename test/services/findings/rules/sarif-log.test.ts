import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sarifOf } from '../../../../services/findings/rules/sarif-log.ts';

type Exported = Parameters<typeof sarifOf>[0][number];

const finding: Exported = {
  kind: 'lint',
  severity: 'warn',
  tool: 'ruff',
  tool_severity: null,
  tool_code: 'F401',
  file: 'src/app.py',
  line: 3,
  column: 8,
  end_line: 4,
  code: 'F401',
  message: 'unused import',
  suggested_fix: null,
  fingerprint: '0123456789abcdef',
  package: null,
  installed_version: null,
  fixed_version: null,
  aliases: [],
  url: null,
  edits: [],
  raw_json: '{}',
  identity: '0'.repeat(32),
  is_new: true,
  state: 'open',
};
const origin = { version: '1', gitUrl: 'https://host/x.git', sha: 'a'.repeat(40), branch: 'main' };
const resultsOf = (...changes: Partial<Exported>[]) =>
  sarifOf(
    changes.map((change) => ({ ...finding, ...change })),
    origin,
  ).runs.flatMap(({ results = [] }) => results);

test('a log without findings still has a run', () => {
  const [run] = sarifOf([], origin).runs;
  assert.deepEqual([run?.tool.driver.name, run?.results, run?.tool.driver.rules], ['crafting-table', [], []]);
});

test('each tool has a run, each rule stands once, and results point at their rule', () => {
  const { runs } = sarifOf(
    [finding, { ...finding, line: 9 }, { ...finding, code: 'E501' }, { ...finding, tool: 'mypy' }],
    origin,
  );
  assert.deepEqual(
    runs.map(({ tool }) => tool.driver.rules?.map(({ id }) => id)),
    [['F401', 'E501'], ['F401']],
  );
  for (const { tool, results = [] } of runs)
    for (const { ruleId, ruleIndex = -1 } of results) assert.equal(tool.driver.rules?.[ruleIndex]?.id, ruleId);
});

test('severities become the three levels of SARIF', () => {
  const levels = (['critical', 'high', 'error', 'medium', 'warn', 'low', 'info'] as const).map(
    (severity) => resultsOf({ severity })[0]?.level,
  );
  assert.deepEqual(levels, ['error', 'error', 'error', 'warning', 'warning', 'note', 'note']);
});

test('a path becomes a relative URI reference, whatever is in it', () => {
  const uriOf = (file: string) => resultsOf({ file })[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri;
  assert.equal(uriOf('a b/c#d?e.py'), 'a%20b/c%23d%3Fe.py');
  assert.equal(uriOf('http:x'), 'http%3Ax');
  assert.equal(uriOf('//host/x'), 'host/x');
  assert.equal(uriOf('half \ud800'), 'half%20%EF%BF%BD');
  assert.deepEqual(resultsOf({ file: null })[0]?.locations, []);
});

test('a region starts at 1 and never ends before it starts; without a line there is none', () => {
  const regionOf = (change: Partial<Exported>) => resultsOf(change)[0]?.locations?.[0]?.physicalLocation;
  assert.deepEqual(regionOf({})?.region, { startLine: 3, startColumn: 8, endLine: 4 });
  assert.deepEqual(regionOf({ end_line: 2, column: null })?.region, { startLine: 3 });
  assert.ok(!('region' in (regionOf({ line: null }) ?? {})));
});

test('where the code came from is told only as a URI', () => {
  const provenanceOf = (gitUrl: string) => sarifOf([finding], { ...origin, gitUrl }).runs[0]?.versionControlProvenance;
  assert.deepEqual(provenanceOf(origin.gitUrl), [
    { repositoryUri: origin.gitUrl, revisionId: origin.sha, branch: 'main' },
  ]);
  assert.equal(provenanceOf('git@host:x.git'), undefined);
  assert.equal(provenanceOf('/srv/x'), undefined);
});

test('what is suppressed is marked, and a link to the rule must be a link', () => {
  assert.deepEqual(resultsOf({ state: 'suppressed' })[0]?.suppressions, [{ kind: 'external', status: 'accepted' }]);
  const rule = (url: string) => sarifOf([{ ...finding, url }], origin).runs[0]?.tool.driver.rules?.[0];
  assert.equal(rule('https://docs/F401')?.helpUri, 'https://docs/F401');
  assert.equal(rule('not a link')?.helpUri, undefined);
});

test("the tool's own edits become one fix with a change for each file", () => {
  const at = (line: number) => ({ line, column: 1 });
  const edits = [
    { file: 'src/app.py', start: at(3), end: at(4), text: '', safe: true },
    { file: 'src/b.js', start: { offset: 5 }, end: { offset: 9 }, text: 'x', safe: true },
  ];
  const [fix] = resultsOf({ edits, suggested_fix: 'remove it' })[0]?.fixes ?? [];
  assert.equal(fix?.description?.text, 'remove it');
  assert.deepEqual(
    fix?.artifactChanges.map(({ artifactLocation, replacements }) => [
      artifactLocation.uri,
      replacements[0]?.deletedRegion,
    ]),
    [
      ['src/app.py', { startLine: 3, startColumn: 1, endLine: 4, endColumn: 1 }],
      ['src/b.js', { charOffset: 5, charLength: 4 }],
    ],
  );
  assert.equal(resultsOf({})[0]?.fixes, undefined);
});
