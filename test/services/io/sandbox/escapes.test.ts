import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SandboxLevel } from '../../../../services/floor/sandbox-level.ts';
import { levelTrouble, openScene } from './cell-scene.ts';
import { attempts } from './escape-attempts.ts';

const unprivileged = fileURLToPath(new URL('unprivileged-escapes.ts', import.meta.url));

// What a default container gives below bwrap: no namespaces, and everything of one user.
for (const level of ['bwrap', 'reduced', 'none'] as const satisfies readonly SandboxLevel[]) {
  const trouble = await levelTrouble(level);
  describe(`a hostile job at the level ${level}`, { skip: trouble ?? false }, async () => {
    if (trouble !== null) return;
    const scene = await openScene(level, level === 'bwrap' ? undefined : 'subreaper');
    after(() => scene.close());
    for (const { title, command, network, reached, never = [] } of attempts.filter(
      (one) => !one.never?.includes(level),
    )) {
      const stops = !reached.includes(level);
      test(`${stops ? 'cannot' : 'can'} ${title}`, { skip: never.includes(level) }, async () => {
        // A list of hosts is not to be asked for where it cannot be held: the network is on there.
        const asked = typeof network === 'object' && level !== 'bwrap' ? 'on' : (network ?? 'on');
        const { result, stderr } = await scene.run(command, { network: asked });
        assert.equal(result.reason, 'exited');
        assert.equal(result.exitCode === 0, !stops, `${result.exitCode}: ${stderr}`);
      });
    }
  });
}

const alone = process.getuid?.() !== 0 || spawnSync('setpriv', ['--version']).status !== 0;
test('a service without privileges stops the same attempts', { skip: alone && 'needs root and setpriv' }, async (t) => {
  const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, unprivileged];
  const said = execFileSync('setpriv', user, { encoding: 'utf8', env: { PATH: process.env.PATH ?? '' } });
  const { trouble, wrong, tried } = JSON.parse(said) as { trouble: string | null; wrong: string[]; tried: number };
  if (trouble !== null) return t.skip(trouble);
  assert.deepEqual(wrong, []);
  assert.equal(tried, attempts.length);
  assert.ok(existsSync(unprivileged));
});
