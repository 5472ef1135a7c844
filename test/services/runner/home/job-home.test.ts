import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { levelTrouble, openScene } from '../../io/sandbox/cell-scene.ts';

const isRoot = process.getuid?.() === 0;

for (const level of ['bwrap', 'reduced', 'none'] as const) {
  const trouble = await levelTrouble(level);
  describe(`the folders of a job at the level ${level}`, { skip: trouble ?? false }, async () => {
    if (trouble !== null) return;
    const scene = await openScene(level);
    const { run, dir, sandbox } = scene;
    after(() => scene.close());
    const said = async (...args: Parameters<typeof run>) => {
      const { result, stdout, stderr } = await run(...args);
      return { code: result.exitCode, out: stdout.toString(), err: stderr.toString() };
    };

    it('hold nothing of the job before, be it of the same owner or of another', async () => {
      const plant = [
        'git config --global alias.st "!echo hijacked"',
        'echo "//registry.example.org/:_authToken=npm_secret" > ~/.npmrc',
        'echo "machine git.example.org login u password hunter2" > ~/.netrc',
        'mkdir -p ~/.local/lib ~/.config/pip "$GRADLE_USER_HOME/init.d" ~/.m2 "$COMPOSER_HOME" "$GOPATH/bin" "$XDG_CACHE_HOME/x"',
        'for f in ~/.local/lib/zz.pth ~/.config/pip/pip.conf "$GRADLE_USER_HOME/init.d/a.gradle" ~/.m2/settings.xml ' +
          '"$CARGO_HOME/credentials.toml" "$CARGO_HOME/config.toml" "$COMPOSER_HOME/auth.json" "$GOPATH/bin/go" ' +
          '"$XDG_CACHE_HOME/x/y" "$npm_config_cache/_npx"; do echo planted > "$f"; done',
        'find ~ -type f | wc -l',
      ].join('; ');
      const first = await said(plant);
      assert.deepEqual([first.code, Number(first.out) >= 12], [0, true], first.err);
      for (const owner of ['a', 'b']) {
        const look =
          'find ~ -type f; cat ~/.npmrc ~/.netrc; git st; grep -rl planted "$CARGO_HOME" "$GRADLE_USER_HOME/"';
        assert.equal((await said(look, { owner })).out, '', owner);
      }
    });

    it('keep what was downloaded for the next job of the same owner', async () => {
      const words = [
        '"$CARGO_HOME/registry/kept"',
        '"$GRADLE_USER_HOME/caches/kept"',
        '"$npm_config_cache/_cacache/kept"',
        '"$PIP_CACHE_DIR/kept"',
        '"$GOMODCACHE/kept"',
        '~/.m2/repository/kept',
      ];
      const wrote = await said(words.map((place) => `echo kept > ${place}`).join(' && '), { owner: 'keeper' });
      assert.equal(wrote.code, 0, wrote.err);
      const read = await said(`cat ${words.join(' ')}`, { owner: 'keeper' });
      assert.equal(read.out, 'kept\n'.repeat(words.length), read.err);
      assert.notEqual((await said(`cat ${words.join(' ')}`, { owner: 'other' })).code, 0);
    });

    it('share the lock under which cargo unpacks crates with the other jobs of the owner', async () => {
      const until = (file: string) => `while [ ! -e "$PIP_CACHE_DIR/${file}" ]; do sleep 0.02; done`;
      const first = `flock "$CARGO_HOME/.package-cache" sh -c 'touch "$PIP_CACHE_DIR/held"; ${until('asked')}'`;
      const second = `${until('held')}; flock -n "$CARGO_HOME/.package-cache" echo both; touch "$PIP_CACHE_DIR/asked"`;
      const ends = await Promise.all([first, second].map((command) => said(command, { owner: 'crates' })));
      assert.deepEqual(
        ends.map(({ code, out }) => [code, out]),
        [
          [0, ''],
          [0, ''],
        ],
      );
      assert.equal(
        (await said('flock -n "$CARGO_HOME/.package-cache" echo alone', { owner: 'crates' })).out,
        'alone\n',
      );
    });

    it('show the caches of another owner where nothing is hidden, and only there', async () => {
      await said('echo theirs > "$PIP_CACHE_DIR/theirs"', { owner: 'victim' });
      const { code } = await said('cat CACHES/owners/victim/pip/theirs', { owner: 'thief' });
      // Of root's jobs each has a user of its own, to which others' folders are closed.
      const isOpen = level === 'none' && process.getuid?.() !== 0;
      assert.equal(code === 0, isOpen);
      const wrote = await said('echo x > CACHES/owners/victim/pip/planted', { owner: 'thief' });
      assert.equal(wrote.code === 0, isOpen);
    });

    it('take what a change writes that nobody has looked at, and the caches stay as they were', async () => {
      await said('echo good > "$PIP_CACHE_DIR/wheel"', { owner: 'c' });
      const seen = await said(
        'cat "$PIP_CACHE_DIR/wheel"; echo bad > "$PIP_CACHE_DIR/wheel" && echo bad > "$CARGO_HOME/registry/bad" && cat "$PIP_CACHE_DIR/wheel"',
        { owner: 'c', isPrivate: true },
      );
      assert.deepEqual([seen.code, seen.out], [0, sandbox.hasLayers ? 'good\nbad\n' : 'bad\n'], seen.err);
      const caches = join(dir, 'caches', 'owners', 'c');
      assert.equal(readFileSync(join(caches, 'pip', 'wheel'), 'utf8'), 'good\n');
      assert.deepEqual(readdirSync(join(caches, 'cargo', 'registry')), []);
    });

    it('go with the job, also where it has closed them', async () => {
      await said('mkdir -p ~/a/b && echo x > ~/a/b/c && chmod 0 ~/a/b ~/a');
      await scene.homes.close();
      assert.deepEqual(readdirSync(join(dir, 'workspace', 'homes')), []);
    });

    it('belong to a user that is not root, and on the disk to the service', {
      skip: !(isRoot && level === 'bwrap') && 'a user for each job is what root gives at the level bwrap',
    }, async () => {
      const command =
        'id -u; id -G; stat -c %u . source.txt ~ "$PIP_CACHE_DIR"; echo x > made; echo x > ~/made; echo x > "$PIP_CACHE_DIR/made"';
      const [first, second] = await Promise.all([said(command, { owner: 'u' }), said('id -u; sleep 0.2')]);
      const uids = new Set(first.out.trim().split('\n'));
      assert.deepEqual([first.code, uids.size, first.err], [0, 1, '']);
      const [uid = '0'] = uids;
      assert.ok(Number(uid) > 1000, uid);
      assert.notEqual(second.out.trim(), uid);
      const made = [join(scene.tree, 'made'), join(dir, 'caches', 'owners', 'u', 'pip', 'made')];
      assert.deepEqual(
        made.map((file) => statSync(file).uid),
        [0, 0],
      );
    });
  });
}
