import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tools } from '../../../../../parsers/tools/registry.ts';
import { type AbsenceFacts, doubtAbsence } from '../../../../../services/parser/rules/doubt/doubt-absence.ts';
import { normalised } from '../../../../../services/parser/rules/identify-findings.ts';
import { documentedSilencers, settingExamples, silencedSource } from '../../../../support/tool-examples.ts';

const lint: AbsenceFacts = {
  tool: 'flake8',
  kind: 'lint',
  names: ['F401'],
  file: 'a.py',
  line: 'import os',
  linesNow: ['import os', 'import sys', 'print(os.sep)'],
  linesThen: ['import os', 'import sys'],
  changed: new Set(),
  commandThen: 'flake8 .',
  commandNow: 'flake8 .',
};
const doubt = (more: Partial<AbsenceFacts>) => doubtAbsence({ ...lint, ...more });

test('every comment that silences a tool is doubted: behind the line, on the line before, in a block, in the file', () => {
  const missed: string[] = [];
  for (const { name, silencers = [] } of tools) {
    for (const silencer of silencers) {
      // What silences within the code of a line makes another line of it.
      if (silencer.where === 'code' && silencer.reach === 'line') continue;
      const { path, line } = silencedSource(silencer);
      const above = silencer.alone ?? silencer.reach;
      const now = [silencer.reach === 'line' ? `${line} ${silencer.example}` : line];
      if (above !== 'line') now.unshift(silencer.example);
      const facts = { tool: name, file: path, names: [], line: normalised(line), linesThen: [line], linesNow: now };
      if (doubt({ ...facts, settled: true, ruleSeen: true }) === null) missed.push(`${name}: ${now.join(' | ')}`);
      if (silencer.reach !== 'line' || above === 'line') continue;
      const before = { ...facts, linesNow: [silencer.example, line] };
      if (doubt({ ...before, settled: true }) === null) missed.push(`${name} above: ${silencer.example}`);
    }
  }
  assert.deepEqual(missed, []);
});

test('comments are doubted as the pages of the tools have them', () => {
  const missed = documentedSilencers.filter(({ tool, path, line, comment, behind }) => {
    const linesNow = behind === true ? [`${line} ${comment}`] : [comment, line];
    const facts = { tool, file: path, names: [], line: normalised(line), linesThen: [line], linesNow };
    return doubt({ ...facts, settled: true, ruleSeen: true }) === null;
  });
  assert.deepEqual(missed, []);
});

test('every file and table that configures a tool, or keeps it quiet, is doubted', () => {
  const missed: string[] = [];
  for (const tool of tools) {
    for (const { path, before, after } of settingExamples(tool)) {
      const versions = { changed: new Set([path]), versionsOf: () => [before, after] as const };
      const facts = {
        tool: tool.name,
        file: 'src/a.py',
        names: ['X1'],
        commandThen: 'x',
        commandNow: 'x',
        ...versions,
      };
      if (doubt(facts) === null) missed.push(`${tool.name}: ${path}`);
      const cve = { ...facts, kind: 'cve' as const, line: null, linesNow: null, linesThen: null, package: 'p' };
      if (doubt(cve) === null) missed.push(`${tool.name}: ${path} for an advisory`);
    }
  }
  assert.deepEqual(missed, []);
});

test('a line that is gone proves that its finding is', () => {
  assert.equal(doubt({ linesNow: ['import sys'], changed: new Set(['.flake8']), commandNow: 'flake8 src' }), null);
  assert.equal(doubt({ linesNow: null }), null, 'and so does a file that is gone');
});

test('a line that was wrapped or written in another layout is the same line', () => {
  const line = 'total = compute(first, second)';
  const linesThen = [line];
  const wrapped = ['total = compute(', '    first, second', ')  # noqa'];
  assert.match(doubt({ line, linesThen, linesNow: wrapped }) ?? '', /silenced/);
  assert.equal(doubt({ line, linesThen, linesNow: wrapped.map((one) => one.replace(/ *# noqa/, '')) }), null);
});

test('a comment that speaks of other rules, of another place or of another tool silences nothing', () => {
  assert.equal(doubt({ linesNow: ['import os  # noqa: E501'] }), null);
  assert.equal(doubt({ linesNow: ['import os', 'import sys  # noqa'] }), null);
  assert.equal(doubt({ linesNow: ['import os  # eslint-disable-line'] }), null);
  assert.equal(doubt({ linesNow: ['import os', 's = "# noqa"'] }), null);
  assert.match(doubt({ linesNow: ['import os  # noqa: E501,F401'] }) ?? '', /silenced/);
  assert.match(doubt({ linesNow: ['import os  # noqa: F'] }) ?? '', /silenced/);
  assert.match(doubt({ linesNow: ['# flake8: noqa', 'import os'] }) ?? '', /silenced/);
});

test('a comment that stood there when the finding was seen silences nothing now', () => {
  const line = 'import os # noqa: E501';
  assert.equal(doubt({ line, linesThen: [line], linesNow: [line, 'print(os)'] }), null);
  const block = ['# pylint: disable=unused-import', 'import os'];
  assert.equal(
    doubt({ tool: 'pylint', names: ['unused-import'], linesThen: block, linesNow: [...block, 'print(os)'] }),
    null,
  );
});

test('a block of silence ends where it says so', () => {
  const eslint = { tool: 'eslint', file: 'a.js', names: ['no-var'], line: 'var a = 1;', linesThen: ['var a = 1;'] };
  const open = ['/* eslint-disable no-var */', 'f();', 'var a = 1;'];
  const ended = ['/* eslint-disable no-var */', 'f();', '/* eslint-enable no-var */', 'var a = 1;'];
  assert.match(doubt({ ...eslint, linesNow: open }) ?? '', /silenced/);
  assert.equal(doubt({ ...eslint, linesNow: ended }), null);
  const rust = {
    tool: 'clippy',
    file: 'a.rs',
    names: ['clippy::all'],
    line: 'let a = 1;',
    linesThen: ['    let a = 1;'],
  };
  const inside = ['#[allow(clippy::all)]', 'fn f() {', '    let a = 1;', '}'];
  const behind = ['#[allow(clippy::all)]', 'fn f() {', '}', 'fn g() {', '    let a = 1;', '}'];
  assert.match(doubt({ ...rust, linesNow: inside }) ?? '', /silenced/);
  assert.equal(doubt({ ...rust, linesNow: behind }), null);
});

test('of equal lines only so many are doubted as the run does not show', () => {
  const twice = ['import os', 'import os'];
  assert.equal(doubt({ linesThen: twice, linesNow: ['import os'], sameSeen: 1, changed: new Set(['.flake8']) }), null);
  assert.notEqual(doubt({ linesThen: twice, linesNow: twice, sameSeen: 1, changed: new Set(['.flake8']) }), null);
});

test('doubt about settings ends with a second complete run, or when the rule is seen at work; what silences stays', () => {
  const changed = new Set(['.flake8']);
  const about = (then: string, now: string) => ({ changed, versionsOf: () => [then, now] as const });
  const other = about('[flake8]\n', '[flake8]\nmax-line-length = 100\n');
  assert.match(doubt(other) ?? '', /\.flake8 changed/);
  assert.equal(doubt({ ...other, settled: true }), null);
  assert.equal(doubt({ ...other, ruleSeen: true }), null);
  const off = about('[flake8]\n', '[flake8]\nignore = F401\n');
  assert.match(doubt({ ...off, settled: true }) ?? '', /switched off/);
  const passed = about('[flake8]\n', '[flake8]\nexclude = a.py\n');
  assert.match(doubt({ ...passed, settled: true, ruleSeen: true }) ?? '', /passed over/);
  assert.equal(doubt(about('[flake8]\n', '# words\n[flake8]\n')), null, 'a comment is no setting');
});

test('settings of another tool, and other tables of a shared file, are nobody else’s doubt', () => {
  const changed = (path: string, then: string, now: string) => ({
    changed: new Set([path]),
    versionsOf: () => [then, now] as const,
  });
  assert.equal(doubt(changed('pyproject.toml', '[project]\nversion = "1"\n', '[project]\nversion = "2"\n')), null);
  assert.equal(doubt(changed('mypy.ini', '', '[mypy]\nstrict = true\n')), null);
  assert.equal(doubt(changed('setup.cfg', '[mypy]\n', '[mypy]\nstrict = true\n')), null);
  assert.notEqual(doubt(changed('setup.cfg', '[flake8]\n', '[flake8]\nselect = E\n')), null);
});

test('settings count for what lies beneath them', () => {
  const versionsOf = () => ['[flake8]\n', '[flake8]\nignore = F401\n'] as const;
  const about = (path: string) => doubt({ file: 'web/a.py', changed: new Set([path]), versionsOf, settled: true });
  assert.equal(about('jobs/.flake8'), null);
  assert.notEqual(about('web/.flake8'), null);
  assert.notEqual(about('.flake8'), null);
});

test('the script that starts a tool is read with its options', () => {
  const scripts = (lint: string) => JSON.stringify({ scripts: { lint } });
  const eslint = { tool: 'eslint', file: 'a.js', names: ['no-var'], line: 'var a = 1;', linesThen: ['var a = 1;'] };
  const about = (command: string, now: string) =>
    doubt({
      ...eslint,
      linesNow: ['var a = 1;', 'f(a);'],
      commandThen: command,
      commandNow: command,
      changed: new Set(['package.json']),
      versionsOf: () => [scripts('eslint .'), scripts(now)],
      settled: true,
    });
  assert.notEqual(about('npm run lint', 'eslint --ignore-pattern a.js .'), null);
  assert.equal(about('npm run lint', 'eslint --cache .'), null);
  assert.equal(about('eslint .', 'eslint --ignore-pattern a.js .'), null);
});

test('an advisory is doubted while its package stands in that version, and gone when it does not', () => {
  const lock = (version: string) => ['[[package]]', 'name = "time"', `version = "${version}"`];
  const cve: Partial<AbsenceFacts> = {
    tool: 'cargo-audit',
    kind: 'cve',
    names: ['RUSTSEC-2020-0071'],
    package: 'time',
    installedVersion: '0.1.42',
    file: 'Cargo.lock',
    line: null,
    linesThen: lock('0.1.42'),
    linesNow: lock('0.1.42'),
    commandThen: 'cargo audit --json',
    commandNow: 'cargo audit --json',
    settled: true,
  };
  const ignore = {
    changed: new Set(['.cargo/audit.toml', 'Cargo.lock']),
    versionsOf: () => [null, '[advisories]\nignore = ["RUSTSEC-2020-0071"]\n'] as const,
  };
  assert.notEqual(doubt({ ...cve, ...ignore }), null);
  assert.notEqual(doubt({ ...cve, commandNow: 'cargo audit --json --ignore RUSTSEC-2020-0071' }), null);
  assert.equal(doubt({ ...cve, ...ignore, linesNow: lock('0.3.0') }), null);
  assert.equal(doubt(cve), null, 'a database that took it back');
});

test('a finding whose source cannot be read, or never could, is not taken for mended', () => {
  assert.notEqual(doubt({ unreadable: true }), null);
  const byMessage = { line: null, linesNow: ['import os  # noqa'], linesThen: null };
  assert.match(doubt(byMessage) ?? '', /silenced/);
  assert.equal(doubt({ ...byMessage, linesNow: ['import os'] }), null);
});

test('a tool that is known by its name alone may obey anything', () => {
  const unknown = { tool: 'some-linter', names: ['R1'] };
  assert.notEqual(doubt({ ...unknown, linesNow: ['import os  # noqa'] }), null);
  assert.notEqual(doubt({ ...unknown, changed: new Set(['.flake8']) }), null);
});
