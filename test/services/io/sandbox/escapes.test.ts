import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SandboxLevel } from '../../../../services/floor/sandbox-level.ts';
import type { Containment } from '../../../../services/io/process/run-request.ts';
import { levelTrouble, openScene } from './cell-scene.ts';
import { attempts, reachedAt } from './escape-attempts.ts';

const isRoot = process.getuid?.() === 0;
const unprivileged = fileURLToPath(new URL('unprivileged-escapes.ts', import.meta.url));

// What a default container gives below bwrap: no namespaces.
const scenes: { level: SandboxLevel; containment?: Containment }[] = [
  { level: 'bwrap' },
  { level: 'reduced', containment: 'subreaper' },
  { level: 'none', containment: 'subreaper' },
];
// Of root alone: with namespaces, files only show as the job's; without the launcher, they are given to it too.
if (isRoot)
  scenes.push(
    { level: 'reduced', containment: 'pid-namespace' },
    { level: 'none', containment: 'pid-namespace' },
    { level: 'none', containment: 'process-group' },
  );

for (const { level, containment } of scenes) {
  const trouble = await levelTrouble(level, containment);
  const where = containment === undefined ? level : `${level} with ${containment}`;
  describe(`a hostile job at the level ${where}`, { skip: trouble ?? false }, async () => {
    if (trouble !== null) return;
    const scene = await openScene(level, containment);
    after(() => scene.close());
    test('is not root, and writes to its tree, its HOME and its caches', async () => {
      const writes = 'echo x >> source.txt && touch "$HOME/made" "$GOCACHE/made"';
      const { result, stdout, stderr } = await scene.run(`id -u; id -G; ${writes} && git init -q . && git status -s`);
      assert.equal(result.exitCode, 0, String(stderr));
      const [user = '', groups] = String(stdout).split('\n');
      assert.notEqual(user, '0');
      assert.equal(user === String(process.getuid?.()), !isRoot, user);
      if (isRoot) assert.equal(groups, user);
    });
    test('leaves nothing that the farm cannot remove', async () => {
      const made = 'mkdir -p "$HOME/a/b" && touch "$HOME/a/b/c" && chmod 0 "$HOME/a/b/c" "$HOME/a/b"';
      const { result, stderr } = await scene.run(made);
      assert.equal(result.exitCode, 0, String(stderr));
      await scene.homes.close();
      assert.deepEqual(readdirSync(join(scene.dir, 'workspace', 'homes')), []);
    });
    for (const one of attempts.filter(({ never = [] }) => !never.includes(level))) {
      const { title, command, network } = one;
      const stops = !reachedAt(one, isRoot).includes(level);
      test(`${stops ? 'cannot' : 'can'} ${title}`, async () => {
        // A list of hosts is not to be asked for where it cannot be held: the network is on there.
        const asked = typeof network === 'object' && level !== 'bwrap' ? 'on' : (network ?? 'on');
        const { result, stderr } = await scene.run(command, { network: asked });
        assert.equal(result.reason, 'exited');
        assert.equal(result.exitCode === 0, !stops, `${result.exitCode}: ${stderr}`);
      });
    }
  });
}

const alone = !isRoot || spawnSync('setpriv', ['--version']).status !== 0;
test('a service without privileges stops the same attempts', { skip: alone && 'needs root and setpriv' }, async (t) => {
  const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, unprivileged];
  const said = execFileSync('setpriv', user, { encoding: 'utf8', env: { PATH: process.env.PATH ?? '' } });
  const { troubles, wrong, tried } = JSON.parse(said) as { troubles: string[]; wrong: string[]; tried: number };
  assert.deepEqual(wrong, []);
  if (troubles.length > 0) return t.skip(troubles.join('; '));
  assert.ok(tried > 2 * attempts.length, String(tried));
});
