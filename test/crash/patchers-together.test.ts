import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { inTempDir } from '../support/farm-parts.ts';
import { type PatchParts, withPatchParts } from '../support/patch-parts.ts';
import { until } from '../support/until.ts';
import { addressIn, assertSettled, files, foundIn, mend, startMortal, whenIdle } from './patch-lane.ts';
import { processesWith, type Service } from './service-process.ts';

type Two = { readonly first: Service; readonly second: Service; readonly parts: PatchParts; readonly url: string };

/** A log server of nobody's own. */
async function startServer(dir: string) {
  const args = ['-a', '127.0.0.1', '-p', '-1', '-js', '-sd', dir, '--ports_file_dir', dir];
  const child = spawn('nats-server', args, { stdio: 'ignore' });
  const isThere = () => {
    try {
      return addressIn(dir) !== '';
    } catch {
      return false;
    }
  };
  await until(isThere, 'the log server');
  const end = async () => {
    child.kill('SIGKILL');
    if (child.signalCode === null) await once(child, 'exit');
  };
  return { url: addressIn(dir), end };
}

/** Two services with one log, one forge and one agent; the second runs no jobs. `onCall` hears of every call outside. */
function withTwo(onCall: (key: string, two: Two | undefined) => void, work: (two: Two) => Promise<void>) {
  let two: Two | undefined;
  const hook = (key: string, phase: string) => {
    if (phase === 'before') onCall(key, two);
    return undefined;
  };
  return inTempDir((dir) =>
    withPatchParts({ files, answer: () => mend, onCall: hook }, async (parts) => {
      const [store, data, other] = ['nats', 'data', 'other'].map((name) => mkdtempSync(join(dir, name))) as [
        string,
        string,
        string,
      ];
      const server = await startServer(store);
      const shared = { CRAFTING_NATS_URL: server.url, CRAFTING_SECRET_KEY: '0123456789abcdef'.repeat(4) };
      const started: Service[] = [];
      try {
        const first = await startMortal(data, { ...parts.env, ...shared });
        started.push(first);
        const roles = { CRAFTING_ROLES: 'api,parser,patcher,projector' };
        // A service that does not know the admin's bearer makes a new one, which ends the old one.
        copyFileSync(join(data, 'admin-bearer.txt'), join(other, 'admin-bearer.txt'));
        const second = await startMortal(other, { ...parts.env, ...shared, ...roles });
        started.push(second);
        two = { first, second, parts, url: server.url };
        await work(two);
      } finally {
        for (const one of started) if (one.child.signalCode === null) await one.end('SIGTERM');
        await server.end();
      }
      await until(() => processesWith(dir).length === 0, `no process is left of ${dir}`);
    }),
  );
}

const names = ['p0', 'p1', 'p2', 'p3'];

/** Asks for one patch in each of some projects, all at once, of both services. */
async function mendAll({ first, second, parts }: Two): Promise<void> {
  const targets = await Promise.all(names.map((name) => foundIn(first, name, { parts, code: 'no-worse' })));
  const ask = ({ job, finding }: (typeof targets)[number], at: number) =>
    (at % 2 ? second : first).call(`/jobs/${job}/patches`, { finding_id: finding });
  await Promise.all(targets.flatMap((target) => [ask(target, 0), ask(target, 1).catch(() => null)]));
}

describe('two patchers on one log', () => {
  it('make one conversation, one branch and one pull request of each attempt', () =>
    withTwo(
      () => {},
      async (two) => {
        await mendAll(two);
        for (const name of names) await assertSettled(two.first, name, { parts: two.parts, point: {} });
        await whenIdle(two);
        for (const name of names) await assertSettled(two.first, name, { parts: two.parts, point: {} });
      },
    ));

  it('finish what one of them leaves when it is killed in the middle', () => {
    let calls = 0;
    const killThen = (key: string, two: Two | undefined) => {
      if (key === 'git POST git-receive-pack' && ++calls === 2) two?.second.child.kill('SIGKILL');
    };
    return withTwo(killThen, async (two) => {
      await mendAll(two);
      await until(() => two.second.child.signalCode === 'SIGKILL', 'the death of the second');
      const point = { event: 'the death of another', lost: null };
      for (const name of names) await assertSettled(two.first, name, { parts: two.parts, point });
      await whenIdle(two);
      for (const name of names) await assertSettled(two.first, name, { parts: two.parts, point });
    });
  });
});
