import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SandboxLevel } from '../../../../services/floor/sandbox-level.ts';
import { levelTrouble, openScene } from './cell-scene.ts';
import { attempts, reachedAt } from './escape-attempts.ts';

const isRoot = process.getuid?.() === 0;
const unprivileged = fileURLToPath(new URL('unprivileged-escapes.ts', import.meta.url));

// What a default container gives below bwrap: no namespaces, and everything of one user.
for (const level of ['bwrap', 'reduced', 'none'] as const satisfies readonly SandboxLevel[]) {
  const trouble = await levelTrouble(level);
  describe(`a hostile job at the level ${level}`, { skip: trouble ?? false }, async () => {
    if (trouble !== null) return;
    const scene = await openScene(level, level === 'bwrap' ? undefined : 'subreaper');
    after(() => scene.close());
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
