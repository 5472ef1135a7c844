import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Observation } from '../../../events/finding.ts';
import { c } from '../../../parsers/rule-names/c-rules.ts';
import { go } from '../../../parsers/rule-names/go-rules.ts';
import { javascript } from '../../../parsers/rule-names/javascript-rules.ts';
import { kotlin } from '../../../parsers/rule-names/kotlin-rules.ts';
import { python } from '../../../parsers/rule-names/python-rules.ts';
import { toolNamed } from '../../../parsers/tools/registry.ts';
import { sameRules } from '../../../parsers/tools/same-rules.ts';
import { foldObservations } from '../../../services/parser/rules/fold-observations.ts';
import { identifyFindings } from '../../../services/parser/rules/identify-findings.ts';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { commitFiles, makeRepository } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';

const said = (changes: Partial<Observation>): Observation =>
  ({
    ...{ kind: 'lint', severity: 'warn', tool: 'flake8', tool_severity: null, tool_code: null, file: 'a.py', line: 1 },
    ...{ column: 1, end_line: null, code: 'F401', message: 'm', suggested_fix: null, fingerprint: '0123456789abcdef' },
    ...{
      package: null,
      installed_version: null,
      fixed_version: null,
      aliases: [],
      url: null,
      edits: [],
      raw_json: '{}',
    },
    ...changes,
  }) as Observation;
const advisory = (changes: Partial<Observation>) =>
  said({ kind: 'cve', severity: 'high', tool: 'npm-audit', file: null, line: null, package: 'lodash', ...changes });
const toolsIn = (observations: Observation[]) =>
  foldObservations(observations).map((told) => told.map(({ tool }) => tool));

test('what two tools say of one line is one thing where the table of rules says so', () => {
  const ruff = { tool: 'ruff' };
  assert.deepEqual(toolsIn([said({}), said(ruff), said({ tool: 'pylint', code: 'W0611' })]), [
    ['flake8', 'ruff', 'pylint'],
  ]);
  assert.deepEqual(toolsIn([said({}), said({ ...ruff, line: 2 })]), [['flake8'], ['ruff']]);
  assert.deepEqual(toolsIn([said({}), said({ ...ruff, code: 'E501' })]), [['flake8'], ['ruff']]);
  // Two names on one line are two findings of each tool.
  assert.deepEqual(toolsIn([said({}), said({ column: 9 }), said(ruff), said({ ...ruff, column: 9 })]), [
    ['flake8', 'ruff'],
    ['flake8', 'ruff'],
  ]);
  for (const [one, other] of [
    [
      { tool: 'gcc', code: '-Wunused-variable' },
      { tool: 'clang', code: '-Wunused-variable' },
    ],
    [
      { tool: 'mypy', code: 'arg-type' },
      { tool: 'pyright', code: 'reportArgumentType' },
    ],
    [
      { tool: 'rustc', code: 'unused_variables' },
      { tool: 'clippy', code: 'unused_variables' },
    ],
    [
      { tool: 'eslint', code: 'no-unused-vars' },
      { tool: 'biome', code: 'lint/correctness/noUnusedVariables' },
    ],
  ] as const)
    assert.equal(toolsIn([said(one), said(other)]).length, 1, `${one.tool} and ${other.tool}`);
});

test('an advisory has many names, and is one in one package at one version', () => {
  const ghsa = advisory({ code: 'GHSA-35jh-r3h4-6jhm', aliases: ['CVE-2021-23337'], installed_version: '4.17.20' });
  const cve = (more: Partial<Observation> = {}) =>
    advisory({ tool: 'trivy', code: 'CVE-2021-23337', file: 'package-lock.json', ...more });
  const osv = advisory({ tool: 'osv-scanner', code: 'GHSA-35jh-r3h4-6jhm', aliases: ['CVE-2021-23337'] });
  assert.deepEqual(toolsIn([ghsa, cve({ installed_version: '4.17.20' }), osv]), [
    ['npm-audit', 'trivy', 'osv-scanner'],
  ]);
  assert.equal(toolsIn([ghsa, cve({ installed_version: '3.0.0' })]).length, 2);
  assert.equal(toolsIn([ghsa, cve({ package: 'underscore' })]).length, 2);
});

test('a finding keeps its identity whichever of its tools is there', () => {
  const place = { project: 'p', subproject: '.', recipe: 'lint' };
  const known = new Set<string>();
  const facts = {
    sourceLine: () => 'import os',
    earlierPaths: () => [],
    seenIn: (identity: string) => (known.has(identity) ? 'a.py' : undefined),
  };
  const run = (...observations: Observation[]) => {
    const seen = identifyFindings(observations, place, facts);
    for (const { identity } of seen) known.add(identity);
    return seen.map(({ identity, observation: { tool, also = [] } }) => [identity, tool, also.map((one) => one.tool)]);
  };
  const [[identity] = []] = run(said({}));
  assert.deepEqual(run(said({ tool: 'ruff' }), said({})), [[identity, 'flake8', ['ruff']]]);
  assert.deepEqual(run(said({ tool: 'ruff' })), [[identity, 'ruff', []]]);
  assert.deepEqual(run(said({ tool: 'pylint', code: 'W0611' })), [[identity, 'pylint', []]]);
});

test('every tool in the table of rules has a card, and its rows are read both ways', () => {
  for (const [tool, code] of [...c, ...go, ...javascript, ...kotlin, ...python].flat()) {
    assert.ok(toolNamed(tool), tool);
    const others = sameRules(tool, code);
    assert.ok(others.length > 0, `${tool} ${code}`);
    for (const [other, name] of others)
      assert.ok(
        sameRules(other, name).some(([back, own]) => back === tool && own === code),
        `${tool} ${code} is ${other} ${name}, and not the other way`,
      );
  }
});

test('rules that two tools name in their own way are one, and others are not', () => {
  const isOne = (tool: string, code: string, other: string, name: string) =>
    sameRules(tool, code).some(([its, own]) => its === other && own === name);
  for (const [tool, code, other, name] of [
    ['flake8', 'F403', 'pylint', 'W0401'],
    ['ruff', 'PLW0401', 'flake8', 'F403'],
    ['pyflakes', 'F401', 'pylint', 'W0611'],
    ['bandit', 'B101', 'ruff', 'S101'],
    ['mypy', 'name-defined', 'ruff', 'F821'],
    ['eslint', '@typescript-eslint/no-unused-vars', 'tsc', 'TS6133'],
    ['eslint', 'no-unreachable', 'tsc', 'TS7027'],
    ['oxlint', 'eslint(no-debugger)', 'biome', 'lint/suspicious/noDebugger'],
    ['cppcheck', 'unusedVariable', 'gcc', '-Wunused-variable'],
    ['cppcheck', 'nullPointer', 'clang-tidy', 'clang-analyzer-core.NullDereference'],
    ['clang-tidy', 'clang-diagnostic-format', 'gcc', '-Wformat'],
    ['golangci-lint', 'SA1019', 'staticcheck', 'SA1019'],
    ['golangci-lint', 'unused', 'staticcheck', 'U1000'],
    ['go-vet', 'printf', 'staticcheck', 'SA5009'],
    ['detekt', 'UnusedImports', 'ktlint', 'standard:no-unused-imports'],
    ['hadolint', 'SC2086', 'shellcheck', 'SC2086'],
  ] as const)
    assert.ok(isOne(tool, code, other, name), `${tool} ${code} and ${other} ${name}`);
  assert.ok(!isOne('flake8', 'F403', 'pylint', 'W0611'));
  assert.ok(!isOne('eslint', 'no-undef', 'tsc', 'TS6133'));
});

let farm: TestFarm;
before(async () => {
  farm = await openFarm({ env: { CRAFTING_ROLES: 'api,parser,projector,runner' } });
});
after(() => farm?.close());

test('eslint and biome on one line are one finding with both names, which is closed when neither says it', async () => {
  const eslint = 'eslint -f json a.js';
  const biome = 'biome lint --reporter=json --only=correctness/noUnusedVariables a.js';
  const both = `status=0; ${eslint} || status=$?; ${biome} || status=$?; exit $status`;
  const source = 'const one = 1;\nconst other = 2;\nglobalThis.other = other;\n';
  const repository = makeRepository(join(farm.dir, 'folded'), {
    'a.js': source,
    'eslint.config.js': "export default [{ rules: { 'no-unused-vars': 'error' } }];\n",
    'package.json': '{"type": "module"}',
  });
  let isThere = false;
  const use = async (lint: string) => {
    const document = {
      name: 'folded',
      git_url: repository,
      subprojects: [{ path: '.', language: 'javascript', lint }],
    };
    const answer = await farm.http(isThere ? 'PUT' : 'POST', isThere ? '/projects/folded' : '/projects', {
      body: document,
    });
    assert.ok(answer.status < 300, answer.text);
    isThere = true;
    const { json } = await farm.http.post('/projects/folded/jobs', { recipe: 'lint' });
    return farm.http.ended(json.job_id);
  };
  const found = async () => {
    const { json } = await farm.http.get('/findings?project=folded');
    const own = json.findings.filter(({ kind }: Json) => kind === 'lint');
    return own.map(({ id, tool, also = [], state }: Json) => [id, tool, also.map((one: Json) => one.tool), state]);
  };
  await use(eslint);
  const [[id] = []] = await found();
  await use(both);
  assert.deepEqual(await found(), [[id, 'eslint', ['biome'], 'open']]);
  await use(`${biome} # no eslint`);
  assert.deepEqual(await found(), [[id, 'biome', [], 'open']]);
  await use(both);
  commitFiles(repository, { 'a.js': source.replace('const one = 1;\n', '') });
  const job = await use(both);
  assert.deepEqual(await found(), [[id, 'eslint', ['biome'], 'resolved']], JSON.stringify(job));
});
