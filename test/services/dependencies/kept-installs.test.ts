import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sampleData } from '../../events/stored-payloads.ts';
import { type Ran, withDependencies } from './dependency-stage.ts';

/** In the place of npm: what it makes, it makes in every kind of place that installs write to. */
const npm = `#!/bin/sh
mkdir -p node_modules/left/bin packages/a/node_modules .venv "$HOME/.cache/browser"
echo one > node_modules/left/index.js
ln -s ../index.js node_modules/left/bin/left
echo "$PWD" > .venv/where
echo two > packages/a/node_modules/two.js
echo made > made.txt
echo browser > "$HOME/.cache/browser/file"
echo "//registry.example.org/:_authToken=$TOKEN" | tee "$HOME/.npmrc" > token.txt
echo "token $TOKEN" > node_modules/left/token.txt
echo "added 2 packages"
`;
const files = {
  'bin/npm': npm,
  'package.json': '{"name":"a"}',
  'package-lock.json': '{"lockfileVersion":3}',
  'packages/a/package.json': '{"name":"b"}',
  '.gitignore': 'node_modules\n.venv\n',
};
/** Known to read lock files and manifests alone. */
const install = 'PATH="$PWD/bin:$PATH" npm ci --ignore-scripts';
const look =
  'cat node_modules/left/bin/left packages/a/node_modules/two.js made.txt "$HOME/.cache/browser/file"; cat .venv/where; pwd; ls "$HOME/.npmrc" 2>&1';
const shown = ({ text }: Ran) => text.split('\n').filter((line) => !line.startsWith('[crafting-table]'));
const verify = { purpose: 'verify' as const };

describe('what an install made', () => {
  it('is there for the jobs of other commits with the same lock file, exactly as for the first', () =>
    withDependencies(async ({ commit, run, level }) => {
      commit(files);
      const first = await run(look, install);
      assert.equal(first.dependencies?.source, 'install', first.text);
      assert.match(first.text, /\[crafting-table\] install: added 2 packages/);
      commit({ 'a.js': 'let a' });
      const second = await run(look, install);
      assert.deepEqual(second.dependencies, { ...second.dependencies, source: 'cache', reason: null }, second.text);
      assert.deepEqual(shown(second).slice(0, 4), ['one', 'two', 'made', 'browser']);
      assert.deepEqual(shown(first), shown(second));
      assert.equal(shown(second)[4] === shown(second)[5], level === 'bwrap' || shown(first)[4] === shown(first)[5]);
      assert.ok(Object.values(second.timings ?? {}).length === 4);
      commit({ 'package-lock.json': '{"lockfileVersion":3,"name":"a"}' });
      assert.equal((await run(look, install)).dependencies?.source, 'install');
    }));

  it('is made once for jobs that ask at the same time, and the others wait with a word', () =>
    withDependencies(async ({ commit, start, ended }) => {
      commit({ ...files, 'bin/npm': `${npm}sleep 1\n` });
      const ids = await Promise.all([start('true', install), start('true', install)]);
      const ran = await Promise.all(ids.map(ended));
      assert.deepEqual(ran.map(({ dependencies }) => dependencies?.source).sort(), ['cache', 'install']);
      const waited = ran.find(({ dependencies }) => dependencies?.source === 'cache');
      assert.match(waited?.text ?? '', /another job installs the same, this one waits for it/);
      assert.ok((waited?.dependencies?.waited_ms ?? 0) > 0);
    }));

  it('cannot be altered by a job, which sees what it writes itself', () =>
    withDependencies(async ({ commit, run, installs, level }) => {
      if (level !== 'bwrap') return;
      commit(files);
      await run('true', install);
      const hostile = [
        'echo bad > node_modules/left/index.js; echo bad > node_modules/left/bin/left',
        'chmod 0777 node_modules/left node_modules/left/index.js; rm -rf node_modules/left/bin',
        'mv packages/a/node_modules/two.js gone.js; ln -sf /etc/passwd packages/a/node_modules/two.js',
        'ln node_modules/left/index.js linked.js; echo bad >> linked.js',
        `ls -d ${installs} ${installs}/*/*/parts/0 && echo reached; echo bad > ${installs}/bad; cat /proc/self/mountinfo`,
        'truncate -s 0 made.txt; rm -rf "$HOME/.cache"; touch -d 2001-01-01 node_modules/left/index.js; cat node_modules/left/index.js',
      ];
      for (const command of hostile) assert.doesNotMatch((await run(command, install)).text, /^reached/m);
      const after = await run(look, install);
      assert.equal(after.dependencies?.source, 'cache', after.text);
      assert.deepEqual(shown(after).slice(0, 4), ['one', 'two', 'made', 'browser']);
    }));

  it('comes from reviewed commits of the default branch alone, which others may read', () =>
    withDependencies(async ({ commit, run, store }) => {
      const main = commit(files);
      const stray = commit({ 'bin/npm': `${npm}echo evil > node_modules/left/index.js\n` }, 'feature');
      const branch = await run('true', install, { branch: 'feature' });
      assert.match(branch.dependencies?.reason ?? '', /no reviewed commit of the default branch/);
      assert.equal((await run('true', install, { sha: stray })).dependencies?.source, 'install');
      assert.equal((await run('true', install, verify)).dependencies?.source, 'install');
      assert.deepEqual(await store.list(), []);
      assert.equal((await run(look, install, { sha: main })).dependencies?.source, 'install');
      for (const job of [{ branch: 'feature' }, { sha: stray }, verify]) {
        const read = await run(look, install, job);
        assert.deepEqual([read.dependencies?.source, shown(read)[0]], ['cache', 'one'], read.text);
      }
    }));

  it("is its owner's alone, and is made anew for another command, another variable, other tools", () =>
    withDependencies(async ({ commit, run }) => {
      commit(files);
      await run('true', install);
      const source = async (...changes: Parameters<typeof run>) => (await run(...changes)).dependencies?.source;
      assert.equal(await source('true', install, { owner: 'other' }), 'install');
      assert.equal(await source('true', `${install} --no-fund`), 'install');
      assert.equal(await source('true', install, { env: { NODE_ENV: 'production' } }), 'install');
      assert.equal(await source('true', install), 'cache');
    }));

  it('is moved aside and made again when it is damaged, and the job says so', () =>
    withDependencies(async ({ commit, run, installs, store }) => {
      commit(files);
      await run('true', install);
      const [entry] = await store.list();
      const parts = join(installs, entry?.owner ?? '', entry?.key ?? '', 'parts');
      const at = readdirSync(parts).find((part) => existsSync(join(parts, part, 'left/index.js'))) ?? '';
      writeFileSync(join(parts, at, 'left/index.js'), 'bad\n');
      const again = await run(look, install);
      assert.equal(again.dependencies?.source, 'install');
      assert.equal(again.text.match(/what was kept is damaged: it is moved aside and made again/g)?.length, 1);
      assert.equal(shown(again)[0], 'one');
      assert.equal(readdirSync(join(installs, '.aside')).length, 1);
      assert.equal((await run(look, install)).dependencies?.source, 'cache');
    }));

  it('holds no secret of the job, nor what tools keep credentials in', () =>
    withDependencies(async ({ commit, run, installs }) => {
      commit(files);
      const subproject = { ...sampleData('JobEnqueued').snapshot.subproject, env_from: ['TOKEN'] };
      const snapshot = { ...sampleData('JobEnqueued').snapshot, subproject };
      const first = await run(`${look}; ls node_modules/left`, install, { snapshot });
      const second = await run(`${look}; ls node_modules/left`, install, { snapshot });
      assert.equal(second.dependencies?.source, 'cache', second.text);
      assert.match(first.text, /2 files with secrets of the job are removed/);
      assert.deepEqual(shown(first), shown(second));
      assert.doesNotMatch(allText(installs), /hidden-token|_authToken/);
    }));

  it('goes with the least use when all together are too large, and never under a job', () =>
    withDependencies(
      async ({ commit, run, store, at }) => {
        const large = `${npm}head -c 400000 /dev/zero > node_modules/large\n`;
        for (const name of ['a', 'b', 'c']) {
          at.now += 1000;
          commit({ ...files, 'bin/npm': large, 'package.json': `{"name":"${name}"}` });
          await run('true', install);
        }
        assert.deepEqual(
          (await store.list()).map(({ hits }) => hits),
          [0, 0],
        );
        assert.ok((await store.freeLeastUsed(1)) > 400_000);
        assert.equal((await store.list()).length, 1);
        assert.deepEqual((await store.clear(() => true)).entries, 1);
      },
      { mostBytes: 1_000_000 },
    ));

  it('holds for a day where no lock file decides the versions, and for its commit where more is read', () =>
    withDependencies(async ({ commit, run, at }) => {
      const { 'package-lock.json': _lock, ...unlocked } = files;
      commit(unlocked);
      await run('true', install);
      assert.equal((await run('true', install)).dependencies?.source, 'cache');
      at.now += 25 * 3_600_000;
      const later = await run('true', install);
      assert.equal(
        later.dependencies?.reason,
        'no lock file decides the versions, and what was kept is older than a day',
      );
      const own = 'sh bin/npm';
      assert.match(
        (await run('true', own)).dependencies?.reason ?? '',
        /kept for this commit alone, since what "sh bin\/npm" reads is not known/,
      );
      assert.equal((await run('true', own)).dependencies?.source, 'cache');
      commit({ 'a.js': '' });
      assert.equal((await run('true', own)).dependencies?.source, 'install');
    }));

  it('is made again when what a link leads to changes, and for each project that holds more than is listed', () =>
    withDependencies(async ({ commit, run }) => {
      const { 'package-lock.json': lock, ...rest } = files;
      commit({ ...rest, 'locks/real': lock }, undefined, { 'package-lock.json': 'locks/real' });
      const source = async (...changes: Parameters<typeof run>) => (await run(...changes)).dependencies;
      await run('true', install);
      commit({ 'a.js': '' });
      assert.equal((await source('true', install))?.source, 'cache');
      commit({ 'locks/real': '{"lockfileVersion":3,"name":"a"}' });
      assert.equal((await source('true', install))?.source, 'install');
      commit({}, undefined, { 'package-lock.json': '/etc/hostname' });
      assert.match(
        (await source('true', install))?.reason ?? '',
        /commit alone, since "package-lock.json" .*leads out/,
      );
      assert.equal((await source('true', install))?.source, 'cache');
      assert.equal((await source('true', install, { project: 'other' }))?.source, 'install');
      assert.equal((await source('true', install))?.source, 'cache');
    }));

  it('shows no secret of the job by the name of a file or by where a link leads', () =>
    withDependencies(async ({ commit, run, installs }) => {
      const naming = [
        'ln -s "/gone/$TOKEN" node_modules/left/bin/to; echo a > "node_modules/left/$TOKEN.txt"',
        'mkdir -p "node_modules/$TOKEN/in"; echo a > "node_modules/$TOKEN/in/a"; echo a > "top-$TOKEN"',
        'ln -s "$TOKEN" top-link; mkdir "$HOME/.cache/$TOKEN"; echo a > "$HOME/.cache/$TOKEN/a"',
      ].join('\n');
      commit({ ...files, 'bin/npm': `${npm}${naming}\n` });
      const subproject = { ...sampleData('JobEnqueued').snapshot.subproject, env_from: ['TOKEN'] };
      const snapshot = { ...sampleData('JobEnqueued').snapshot, subproject };
      const list = 'ls node_modules node_modules/left node_modules/left/bin; cat node_modules/left/index.js';
      const first = await run(list, install, { snapshot });
      const second = await run(list, install, { snapshot });
      assert.equal(second.dependencies?.source, 'cache', second.text);
      assert.deepEqual(shown(first), shown(second));
      assert.doesNotMatch(allNames(installs) + allText(installs), /hidden-token/);
    }));

  it('is not kept when the install fails or changes files of the commit; the job says it', () =>
    withDependencies(async ({ commit, run, store }) => {
      commit({ ...files, 'bin/npm': '#!/bin/sh\necho "npm error code E404" >&2\nexit 3\n' });
      const failed = await run('echo never', install);
      assert.deepEqual([failed.exit_code, failed.dependencies?.source], [3, 'failed']);
      assert.match(failed.text, /^npm error code E404$/m);
      assert.doesNotMatch(failed.text, /^never$/m);
      commit({ ...files, 'bin/npm': `${npm}echo '{}' > package-lock.json\n` });
      const changing = await run('cat package-lock.json node_modules/left/index.js', install);
      assert.match(
        changing.dependencies?.reason ?? '',
        /not kept: it changed 1 files of the commit, such as package-lock.json/,
      );
      assert.deepEqual(shown(changing).slice(0, 2), ['{}', 'one']);
      assert.deepEqual(await store.list(), []);
    }));

  it('is copied into the tree where nothing can be laid over anything', () =>
    withDependencies(
      async ({ commit, run }) => {
        const inTree = npm.replaceAll(/^.*HOME.*$/gm, 'mkdir -p node_modules/left/bin packages/a/node_modules .venv');
        commit({ ...files, 'bin/npm': inTree });
        await run('true', install);
        const second = await run('cat node_modules/left/bin/left; echo bad > node_modules/left/index.js', install);
        assert.equal(second.dependencies?.source, 'cache', second.text);
        assert.equal(shown(await run('cat node_modules/left/index.js', install))[0], 'one');
      },
      { want: 'none', layers: false },
    ));

  it('is never what a process left half done that died', () =>
    withDependencies(async ({ commit, run, store, installs }) => {
      commit(files);
      await run('true', install);
      const [entry] = await store.list();
      const half = join(installs, entry?.owner ?? '', '0'.repeat(64), 'parts');
      mkdirSync(half, { recursive: true });
      assert.equal((await store.list()).length, 1);
      assert.equal(await store.find(entry?.owner ?? '', '0'.repeat(64)), null);
    }));
});

function allText(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

function allNames(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return entry.isSymbolicLink() ? `${path} ${readlinkSync(path)}` : path;
    })
    .join('\n');
}
