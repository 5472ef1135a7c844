import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { toolOnPath } from '../../../recipes/detection/tools.ts';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { commitFiles, makeRepository } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { sampleOf } from '../../support/thorough.ts';

/** A real tool, a source with a finding, and how the finding is silenced, mended, and nothing of both. */
type Trial = {
  readonly tool: string;
  readonly language: string;
  readonly command: string;
  readonly file: string;
  readonly files: Readonly<Record<string, string>>;
  /** Each keeps the finding open, over as many runs as there may be. */
  readonly silenced: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Settings that say nothing of the finding, together with what mends it: closed by the second run. */
  readonly mended: Readonly<Record<string, string>>;
};

const fault = 'import os\nimport sys\n\nprint(sys.path)\n';
const pointer = (end = '', before = '') => `int f(void) {\n  int *p = 0;\n${before}  return *p;${end}\n}\n`;
const echo = (before = '') => `#!/bin/sh\n${before}echo $1\n`;
const unused = (end = '', before = '') => `${before}const a = 1;${end}\n`;
const flat = (rules: string, more = '') => `export default [{ ${more} rules: { ${rules} } }];\n`;

const trials: readonly Trial[] = [
  {
    tool: 'flake8',
    language: 'python',
    command: 'flake8 .',
    file: 'a.py',
    files: { 'a.py': fault, 'pyproject.toml': '[project]\nversion = "1"\n' },
    silenced: {
      'a comment': { 'a.py': fault.replace('import os', 'import os  # noqa: F401') },
      'a comment for the file': { 'a.py': `# flake8: noqa\n${fault}` },
      'an ignored rule': { '.flake8': '[flake8]\nextend-ignore = F401\n' },
      'an excluded file': { 'setup.cfg': '[flake8]\nexclude = a.py\n' },
      'other rules alone': { 'tox.ini': '[flake8]\nselect = E9\n' },
    },
    mended: {
      'a.py': fault.replace('sys.path', 'sys.path, os.sep'),
      'pyproject.toml': '[project]\nversion = "2"\n',
      '.flake8': '[flake8]\nmax-line-length = 100\n',
    },
  },
  {
    tool: 'ruff',
    language: 'python',
    command: 'ruff check --no-cache --output-format=json .',
    file: 'a.py',
    files: { 'a.py': fault, 'pyproject.toml': '[project]\nname = "a"\nversion = "1"\n' },
    silenced: {
      'a comment': { 'a.py': fault.replace('import os', 'import os  # noqa') },
      'a table of rules': {
        'pyproject.toml': '[project]\nname = "a"\nversion = "1"\n[tool.ruff.lint]\nselect = ["E4"]\n',
      },
      'a file of its own': { 'ruff.toml': '[lint.per-file-ignores]\n"a.py" = ["F401"]\n' },
    },
    mended: {
      'a.py': fault.replace('sys.path', 'sys.path, os.sep'),
      'pyproject.toml': '[project]\nname = "a"\nversion = "2"\n[tool.ruff]\nline-length = 100\n',
    },
  },
  {
    tool: 'cppcheck',
    language: 'c',
    command: 'cppcheck --quiet --xml --inline-suppr --error-exitcode=1 .',
    file: 'a.c',
    files: { 'a.c': pointer() },
    silenced: {
      'a comment': { 'a.c': pointer(' // cppcheck-suppress nullPointer') },
      'a comment on the line before': { 'a.c': pointer('', '  // cppcheck-suppress nullPointer\n') },
    },
    mended: { 'a.c': pointer().replace('int *p = 0;', 'int one = 1, *p = &one;'), README: 'words\n' },
  },
  {
    tool: 'shellcheck',
    language: 'shell',
    command: 'shellcheck -f json1 a.sh',
    file: 'a.sh',
    files: { 'a.sh': echo() },
    silenced: {
      'a comment on the line before': { 'a.sh': echo('# shellcheck disable=SC2086\n') },
      'a file of settings': { '.shellcheckrc': 'disable=SC2086\n' },
    },
    mended: { 'a.sh': '#!/bin/sh\necho "$1"\n', '.shellcheckrc': 'disable=SC2154\n' },
  },
  {
    tool: 'eslint',
    language: 'javascript',
    command: 'eslint -f json .',
    file: 'a.js',
    files: {
      'a.js': unused(),
      'eslint.config.js': flat("'no-unused-vars': 'error'"),
      'package.json': '{"type": "module", "version": "1.0.0"}',
    },
    silenced: {
      'a comment': { 'a.js': unused(' // eslint-disable-line no-unused-vars') },
      'a comment on the line before': { 'a.js': unused('', '// eslint-disable-next-line no-unused-vars\n') },
      'a block': { 'a.js': unused('', '/* eslint-disable */\n') },
      'a rule that is off': { 'eslint.config.js': flat("'no-unused-vars': 'off'") },
      'no rules any more': { 'eslint.config.js': flat('') },
      'a pattern of files': { 'eslint.config.js': flat("'no-unused-vars': 'error'", "files: ['lib/**'],") },
    },
    mended: {
      'a.js': `${unused()}globalThis.a = a;\n`,
      'package.json': '{"type": "module", "version": "2.0.0"}',
      'eslint.config.js': flat("'no-unused-vars': 'error', eqeqeq: 'error'"),
    },
  },
];

const fixtures = join(import.meta.dirname, '../../../parsers/fixtures/cargo-audit');
const path = [join(import.meta.dirname, '../../../node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
let farm: TestFarm;

before(async () => {
  farm = await openFarm();
});
after(() => farm.close());

for (const { tool, language, command, file, files, silenced, mended } of trials) {
  const missing = toolOnPath(tool, { PATH: path }) === undefined ? `${tool} is not installed` : false;
  test(`what ${tool} is told to pass over stays open, and what is mended beside other settings is closed`, {
    skip: missing,
  }, async () => {
    const work = [...sampleOf(Object.entries(silenced)), ['mended', mended] as const].map(
      async ([how, changed], index) => {
        const name = `${tool}-${index}`;
        const repository = makeRepository(join(farm.dir, name), { ...files });
        const document = { name, git_url: repository, subprojects: [{ path: '.', language, lint: command }] };
        const answer = await farm.http.post('/projects', document);
        assert.ok(answer.status < 300, answer.text);
        const run = async (): Promise<Json> => {
          const { json } = await farm.http.post(`/projects/${name}/jobs`, { recipe: 'lint' });
          return farm.http.ended(json.job_id);
        };
        const open = async () => {
          const { json } = await farm.http.get(`/findings?project=${name}&state=open`);
          return json.findings.filter((one: Json) => one.file === file).length;
        };
        const first = await run();
        const found = await open();
        assert.ok(found > 0, `${tool} found nothing: ${JSON.stringify(first)}`);
        commitFiles(repository, changed);
        const second = await run();
        assert.equal(second.tools[0]?.complete, true, JSON.stringify(second));
        const third = await run();
        if (changed === mended) assert.equal(await open(), 0, `still open: ${third.not_observed}`);
        else assert.ok((await open()) > 0, `closed by ${how}: ${second.resolved_findings_count}`);
      },
    );
    await Promise.all(work);
  });
}

test('an advisory that a new file or an option passes over stays open, and one whose package is newer is closed', async () => {
  const lock = (version: string) => `[[package]]\nname = "time"\nversion = "${version}"\n`;
  const said = (situation: string) => readFileSync(join(fixtures, `${situation}.stdout`), 'utf8');
  // What the real tool printed, with and without the advisory, by what it would look at.
  const script = `if grep -q 0.1.42 Cargo.lock && ! grep -qs RUSTSEC .cargo/audit.toml && [ "$2" = "" ]; then
    cat failing.json; exit 1; fi; cat clean.json`;
  const files = {
    ...{ 'audit.sh': script, 'failing.json': said('failing'), 'clean.json': said('clean') },
    'Cargo.lock': lock('0.1.42'),
  };
  const ignore = '[advisories]\nignore = ["RUSTSEC-2020-0071", "RUSTSEC-2023-0052", "RUSTSEC-2021-0145"]\n';
  const cases = {
    'a file of settings': { '.cargo/audit.toml': ignore },
    'an option': {},
    mended: { 'Cargo.lock': lock('0.3.0'), '.cargo/audit.toml': ignore },
  };
  const work = Object.entries(cases).map(async ([how, changed], index) => {
    const name = `advisory-${index}`;
    const repository = makeRepository(join(farm.dir, name), files);
    const audit = (options = '') => `sh audit.sh x ${options} # cargo audit --json`;
    const document = (options = '') => ({
      ...{ name, git_url: repository },
      subprojects: [{ path: '.', language: 'rust', audit: audit(options) }],
    });
    assert.ok((await farm.http.post('/projects', document())).status < 300);
    const run = async (): Promise<Json> => {
      const { json } = await farm.http.post(`/projects/${name}/jobs`, { recipe: 'audit' });
      return farm.http.ended(json.job_id);
    };
    const open = async () => {
      const { json } = await farm.http.get(`/findings?project=${name}&state=open`);
      return json.findings.filter((one: Json) => one.package === 'time').length;
    };
    await run();
    const before = await open();
    assert.ok(before > 0);
    if (how === 'an option') {
      const options = '--ignore=RUSTSEC-2020-0071';
      assert.ok((await farm.http('PUT', `/projects/${name}`, { body: document(options) })).status < 300);
    } else commitFiles(repository, changed);
    await run();
    const job = await run();
    assert.equal(await open(), how === 'mended' ? 0 : before, `${how}: ${job.not_observed}`);
  });
  await Promise.all(work);
});
