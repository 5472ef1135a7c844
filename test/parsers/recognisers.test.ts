import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ParserFixture, parsed, parserFixtures } from './parser-fixture.ts';

/** What makes a document one of the tool's, or holds all that it says. */
const needed: Readonly<Record<string, readonly string[]>> = {
  allure: ['.historyId'],
  bandit: ['.results'],
  brakeman: ['.warnings'],
  'bundler-audit': ['.results'],
  'cargo-audit': ['.vulnerabilities', '.vulnerabilities.list'],
  'cargo-deny': ['.fields', '.type'],
  checkov: ['.results', '.results.failed_checks'],
  clippy: ['.reason', '.message', '.message.level'],
  codeclimate: ['.location'],
  'composer-audit': ['.advisories', '.advisories.*'],
  ctrf: ['.results', '.results.tests'],
  cucumber: ['.elements'],
  cyclonedx: ['.vulnerabilities', '.vulnerabilities.id'],
  'deno-lint': ['.diagnostics'],
  depcheck: ['.missing'],
  'dotnet-list': ['.projects', '.projects.frameworks', '.parameters'],
  eslint: ['.messages'],
  'golangci-lint': ['.Issues'],
  gosec: ['.Issues'],
  knip: ['.issues'],
  'npm-audit': ['.vulnerabilities', '.vulnerabilities.minimist', '.vulnerabilities.minimist.via'],
  'osv-scanner': ['.results', '.results.packages'],
  oxlint: ['.diagnostics'],
  phpstan: ['.files', '.files.*', '.files.*.messages'],
  'pip-audit': ['.dependencies', '.dependencies.vulns'],
  'playwright-json': ['.suites', '.stats'],
  rdjson: ['.diagnostics'],
  pyright: ['.generalDiagnostics'],
  sarif: ['.runs', '.runs.results'],
  semgrep: ['.results'],
  shellcheck: ['.comments'],
  sqlfluff: ['.filepath', '.violations'],
  'sonar-issues': ['.issues', '.issues.primaryLocation'],
  staticcheck: ['.location'],
  stylelint: ['.warnings'],
  trivy: ['.Results'],
  zizmor: ['.determinations'],
  'yarn-audit': ['.data'],
};

type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

/** The documents of a stream that holds nothing else; empty when it holds other things. */
function documentsOf(text: string): Value[] {
  try {
    return [JSON.parse(text)];
  } catch {
    try {
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    } catch {
      return [];
    }
  }
}

const named = (key: string) => (/^[\w-]+$/.test(key) && !/\d{3}/.test(key) ? key : '*');

function keysOf(value: Value, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item: Value) => keysOf(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    `${path}.${named(key)}`,
    ...keysOf(inner, `${path}.${named(key)}`),
  ]);
}

function without(value: Value, dropped: string, path = ''): Value {
  if (Array.isArray(value)) return value.map((item: Value) => without(item, dropped, path));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => `${path}.${named(key)}` !== dropped);
  return Object.fromEntries(kept.map(([key, inner]) => [key, without(inner, dropped, `${path}.${named(key)}`)]));
}

const withDocuments = parserFixtures()
  .filter(({ situation }) => situation === 'failing')
  .flatMap((fixture) =>
    (['stdout', 'stderr'] as const).flatMap((stream) => {
      const documents = documentsOf(String(fixture[stream]));
      return documents.length === 0 ? [] : [{ fixture, stream, documents }];
    }),
  );

const written = (documents: readonly Value[]) =>
  Buffer.from(`${documents.map((one) => JSON.stringify(one)).join('\n')}\n`);
const found = (fixture: ParserFixture) => {
  const log = parsed(fixture);
  return { log, findings: log.findings.filter(({ tool }) => tool !== 'generic') };
};

test('a key that a tool no longer prints loses no finding in silence', () => {
  const lost: string[] = [];
  for (const { fixture, stream, documents } of withDocuments) {
    const whole = found(fixture).findings.length;
    for (const key of new Set(documents.flatMap((one) => keysOf(one)))) {
      if (needed[fixture.name]?.includes(key)) continue;
      const { log, findings } = found({ ...fixture, [stream]: written(documents.map((one) => without(one, key))) });
      if (whole > 0 && findings.length === 0 && log.problems.length === 0) lost.push(`${fixture.name} without ${key}`);
    }
  }
  assert.ok(withDocuments.length > 20);
  assert.deepEqual(lost, []);
});

test('one entry of a list that is none costs no other one, and is said', () => {
  for (const { fixture, stream, documents } of withDocuments) {
    const [list] = documents;
    if (documents.length !== 1 || !Array.isArray(list)) continue;
    const before = found(fixture).findings;
    for (const odd of [null, {}, 'x']) {
      const { log, findings } = found({ ...fixture, [stream]: written([[odd, ...list]]) });
      const kept = findings.filter(({ fingerprint }) => before.some((one) => one.fingerprint === fingerprint));
      assert.ok(kept.length >= before.length, `${fixture.name} beside ${JSON.stringify(odd)}`);
      const tool = log.tools.find((run) => run.tool === before[0]?.tool);
      if (odd === null) assert.equal(tool?.complete, false, `${fixture.name} beside null`);
    }
  }
});

test('what a tool prints one to a line is read out of a list too', () => {
  for (const { fixture, stream, documents } of withDocuments) {
    if (documents.length < 2) continue;
    const before = found(fixture).findings.map(({ fingerprint }) => fingerprint);
    const after = found({ ...fixture, [stream]: written([documents]) }).findings.map(({ fingerprint }) => fingerprint);
    assert.deepEqual(after.sort(), before.sort(), fixture.name);
  }
});

test('a report that no parser knows is said, and an application\u2019s own lines are not', () => {
  const [fixture] = withDocuments;
  assert.ok(fixture);
  const problems = (...documents: Value[]) =>
    parsed({ ...fixture.fixture, stdout: written(documents), stderr: Buffer.alloc(0) }).problems;
  assert.deepEqual(problems([{ file: 'a.x', line: 3, message: 'odd' }]), [
    'a JSON document that no parser knows (keys: file, line, message)',
  ]);
  assert.deepEqual(problems({ level: 30, time: 1, msg: 'listening', port: 80 }, { name: 'app', version: '1.0.0' }), []);
});
