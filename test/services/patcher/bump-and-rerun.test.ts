import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { commitFiles, git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { openPatchFarm, type PatchFarm, type PatchFarmOptions } from '../../support/patch-farm.ts';

/** Speaks like pip-audit about two advisories of flask, mended in 1.0 and in 2.2.5, and one of a package without a fix. */
const pipAudit = `
const fs = require('node:fs');
const pins = fs.readFileSync('requirements.txt', 'utf8').split('\\n').map((line) => line.split(' ')[0].split('==')).filter((pin) => pin.length === 2);
const known = { flask: [['PYSEC-2019-179', '1.0'], ['PYSEC-2023-62', '2.2.5']], jinja2: [['PYSEC-2021-66', '2.11.3']] };
const older = (one, other) => {
  const [a, b] = [one, other].map((text) => text.split('.').map(Number));
  for (let n = 0; n < 3; n += 1) if ((a[n] ?? 0) !== (b[n] ?? 0)) return (a[n] ?? 0) < (b[n] ?? 0);
  return false;
};
const dependencies = pins.map(([name, version]) => ({ name, version, vulns: (known[name] ?? [])
  .filter(([, fix]) => older(version, fix))
  .map(([id, fix]) => ({ id, fix_versions: [fix, '3.0.0'], aliases: [], description: 'It is not safe.' })) }));
process.stdout.write(JSON.stringify({ dependencies, fixes: [] }));
process.exit(dependencies.some(({ vulns }) => vulns.length > 0) ? 1 : 0);
`;
const requirements = '# what we need\nflask==0.12  # web\njinja2==2.11.3\nrequests==2.0.0\n';

/** Speaks like phpcs: every `array(` is an error that phpcbf can mend, every `eval(` one that it cannot. */
const phpcs = `#!/usr/bin/env node
const fs = require('node:fs');
const files = {};
for (const name of fs.readdirSync('src').sort()) {
  const messages = [];
  fs.readFileSync('src/' + name, 'utf8').split('\\n').forEach((text, index) => {
    const add = (source, fixable, message) => messages.push({ message, source, severity: 5, fixable, type: 'ERROR', line: index + 1, column: 1 });
    if (text.includes('array(')) add('Generic.Arrays.DisallowLongArraySyntax.Found', true, 'Short array syntax must be used');
    if (text.includes('eval(')) add('Squiz.PHP.Eval.Discouraged', false, 'Use of eval() is discouraged');
  });
  files[process.cwd() + '/src/' + name] = { errors: messages.length, warnings: 0, messages };
}
const all = Object.values(files).flatMap((one) => one.messages);
process.stdout.write(JSON.stringify({ totals: { errors: all.length, warnings: 0, fixable: all.filter((one) => one.fixable).length }, files }));
process.exit(all.length === 0 ? 0 : all.some((one) => one.fixable) ? 2 : 1);
`;
const phpcbf = `#!/usr/bin/env node
const fs = require('node:fs');
const args = process.argv.slice(2);
if (!args.includes('--sniffs=Generic.Arrays.DisallowLongArraySyntax')) process.exit(3);
for (const name of args.filter((arg) => !arg.startsWith('-')))
  fs.writeFileSync(name, fs.readFileSync(name, 'utf8').replace(/array\\(([^()]*)\\)/g, '[$1]'));
console.log('FIXED');
process.exit(1);
`;
const php = {
  'vendor/bin/phpcs': phpcs,
  'vendor/bin/phpcbf': phpcbf,
  'src/a.php': '<?php\n$a = array(1, 2);\neval($b);\n',
  'src/b.php': '<?php\n$c = array(3);\n',
};
const linting = { path: '.', language: 'php', lint: 'vendor/bin/phpcs --standard=PSR12 --report=json src' };

async function withTools(
  options: PatchFarmOptions,
  programs: readonly string[],
  work: (farm: PatchFarm) => Promise<void>,
) {
  const farm = await openPatchFarm({ agent: false, ...options });
  try {
    for (const program of programs) chmodSync(join(farm.parts.work, program), 0o755);
    if (programs.length > 0) commitFiles(farm.parts.work, {});
    git(farm.parts.work, 'push', '--quiet', 'origin', 'main');
    await work(farm);
  } finally {
    await farm.close();
  }
}

const statesOf = async ({ http }: PatchFarm) =>
  (await http.get('/findings?limit=100')).json.findings.map(({ id, state, last_seen_job }: Json) => [
    id,
    state,
    last_seen_job,
  ]);

describe('a bump', () => {
  it('raises a pin to the smallest version that mends all advisories of the package, and nothing else', () =>
    withTools(
      {
        files: { 'audit.cjs': pipAudit, 'requirements.txt': requirements, 'app.py': 'import flask\n' },
        subproject: { path: '.', language: 'python', audit: 'node audit.cjs # pip-audit -f json' },
        recipe: 'audit',
      },
      [],
      async (farm) => {
        const seen = await farm.seen('p');
        assert.deepEqual(seen.findings.map(({ code }) => code).sort(), ['PYSEC-2019-179', 'PYSEC-2023-62']);
        const before = await statesOf(farm);
        const attempt = await farm.mend(seen, 'PYSEC-2019-179');
        assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
        assert.equal(attempt.method, 'bump');
        assert.equal(attempt.members.length, 2);
        assert.ok(attempt.evidence.targets.every(({ gone }: Json) => gone) && attempt.targets.length === 2);
        assert.equal(
          git(farm.parts.bare, 'show', `${attempt.branch}:requirements.txt`),
          requirements.replace('flask==0.12', 'flask==2.2.5').trimEnd(),
        );
        assert.deepEqual(
          attempt.files.map(({ path }: Json) => path),
          ['requirements.txt'],
        );
        assert.deepEqual([attempt.evidence.exit_before, attempt.evidence.exit_after], [1, 0]);
        assert.match(attempt.title, /^Bump flask .*\(PYSEC-2019-179 and 1 more\)$/);
        assert.equal(farm.parts.forge.pulls[0]?.title, attempt.title);
        assert.match(farm.parts.forge.pulls[0]?.body ?? '', /flask 0\.12 is vulnerable; 2\.2\.5 is the smallest/);
        assert.deepEqual(await statesOf(farm), before);
      },
    ));

  it('is not tried where no version mends it, and says that the manifest does not name it', () =>
    withTools(
      {
        files: {
          'audit.cjs': pipAudit.replace("'requirements.txt'", "'frozen.list'"),
          'frozen.list': 'flask==0.12\n',
          'requirements.txt': 'other==1.0\n',
        },
        subproject: { path: '.', language: 'python', audit: 'node audit.cjs # pip-audit -f json' },
        recipe: 'audit',
      },
      [],
      async (farm) => {
        const attempt = await farm.mend(await farm.seen('p'), 'PYSEC-2019-179');
        assert.equal(attempt.status, 'declined', JSON.stringify(attempt.failure));
        assert.deepEqual([attempt.failure.step, attempt.failure.reason], ['draft', 'no_bump']);
        assert.match(attempt.failure.detail, /names flask/);
        assert.deepEqual(farm.parts.branches(), []);
      },
    ));
});

describe('a tool that makes its change when it is run again', () => {
  it('makes the draft in a job, and the draft is proven and proposed', () =>
    withTools({ files: php, subproject: linting }, ['vendor/bin/phpcs', 'vendor/bin/phpcbf'], async (farm) => {
      const seen = await farm.seen('p');
      assert.equal(seen.findings.length, 3, JSON.stringify(seen));
      const before = await statesOf(farm);
      const attempt = await farm.mend(seen, 'Generic.Arrays.DisallowLongArraySyntax.Found', { file: 'src/a.php' });
      assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
      assert.equal(attempt.method, 'tool_edit');
      assert.equal(git(farm.parts.bare, 'show', `${attempt.branch}:src/a.php`), '<?php\n$a = [1, 2];\neval($b);');
      assert.equal(git(farm.parts.bare, 'diff', '--name-only', 'main', attempt.branch), 'src/a.php');
      assert.match(attempt.explanation, /vendor\/bin\/phpcbf --standard=PSR12/);
      const jobs = (await farm.http.get('/jobs?project=p&limit=20')).json.jobs;
      const drafting = jobs.filter(({ purpose }: Json) => purpose === 'draft');
      assert.equal(drafting.length, 1);
      assert.equal(drafting[0].patch_id, attempt.id);
      assert.equal(jobs.filter(({ purpose }: Json) => purpose === 'verify').length, 1);
      for (const { job_id, purpose } of jobs.filter((one: Json) => one.purpose !== 'requested')) {
        const { findings } = (await farm.http.get(`/jobs/${job_id}/findings`)).json;
        assert.ok(
          findings.every(({ is_new }: Json) => !is_new),
          purpose,
        );
        if (purpose === 'draft') assert.deepEqual(findings, []);
      }
      assert.deepEqual(await statesOf(farm), before, 'what is known of the project has not moved');
    }));

  it('says which program is missing when the draft cannot be made', () =>
    withTools(
      { files: { ...php, 'vendor/bin/phpcbf': '' }, subproject: linting },
      ['vendor/bin/phpcs'],
      async (farm) => {
        git(farm.parts.work, 'rm', '--quiet', 'vendor/bin/phpcbf');
        commitFiles(farm.parts.work, {});
        git(farm.parts.work, 'push', '--quiet', 'origin', 'main');
        const seen = await farm.seen('p');
        const before = await statesOf(farm);
        const attempt = await farm.mend(seen, 'Generic.Arrays.DisallowLongArraySyntax.Found', { file: 'src/b.php' });
        assert.equal(attempt.status, 'declined', JSON.stringify(attempt));
        assert.deepEqual([attempt.failure.step, attempt.failure.reason], ['draft', 'command_failed']);
        assert.match(attempt.failure.detail, /not found/);
        assert.match(attempt.failure.detail, /phpcbf/);
        assert.match(attempt.failure.next, /by hand/);
        assert.deepEqual(await statesOf(farm), before);
      },
    ));

  it('says that it changed nothing when it did not', () =>
    withTools(
      { files: { ...php, 'vendor/bin/phpcbf': '#!/bin/sh\necho nothing to mend here\n' }, subproject: linting },
      ['vendor/bin/phpcs', 'vendor/bin/phpcbf'],
      async (farm) => {
        const attempt = await farm.mend(await farm.seen('p'), 'Generic.Arrays.DisallowLongArraySyntax.Found');
        assert.deepEqual([attempt.status, attempt.failure.reason], ['declined', 'no_change']);
        assert.match(attempt.failure.detail, /changed nothing.*nothing to mend here/s);
      },
    ));
});
