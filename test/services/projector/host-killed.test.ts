import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { silent } from '../../../services/io/log.ts';
import { openHostModels } from '../../../services/projector/host-models.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { withNats } from '../../support/farm-parts.ts';
import { until } from '../../support/until.ts';
import { longHistory } from './event-history.ts';

const program = join(import.meta.dirname, 'host-child.ts');
const kills = 4;
const token = (name: string) => sampleDraft('TokenMinted', name, { name });

type Child = { readonly process: ChildProcess; readonly now: () => string };

function startChild(stage: string): Child {
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, STAGE: stage },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return { process: child, now: () => said.trimEnd().split('\n').at(-1) ?? '' };
}

it('the processes of a host have one writer, and another one goes on exactly where it was killed', () =>
  withNats(async ({ dir, log, server }) => {
    const host = mkdtempSync(join(dir, 'host-'));
    let writing = true;
    const appending = (async () => {
      for (const draft of longHistory(500, 5)) {
        if (!writing) return;
        await log.append(draft, { durable: false });
        await pause(1);
      }
    })();
    const stage = (role: string) => [host, server.url, server.user, server.pass, role].join(' ');
    const children = [startChild(stage('projector')), startChild(stage('other')), startChild(stage('other'))];
    await until(() => children.some(({ now }) => now() === 'writes'), 'the first writer');
    const here = await openHostModels({ dir: host, log, logger: silent, isProjector: false, lookEveryMs: 50 });
    const writers = () => children.filter(({ now }) => now() === 'writes');
    try {
      for (let kill = 0; kill < kills; kill += 1) {
        const writer = await until(() => here.host().writes || writers()[0], 'a writer');
        // Who steps down is late in saying so: two who really wrote would have folded events twice, which the end shows.
        await until(() => writers().length + Number(here.host().writes) <= 1, 'no more than one to write');
        // What was appended a moment ago is seen by whoever reads, whoever writes it.
        const { seq } = await log.append(token(`token-${kill}`), { durable: false });
        await until(() => here.applied(seq), 'the event to be seen here');
        if (writer !== true) {
          writer.process.kill('SIGKILL');
          await once(writer.process, 'exit');
          children.splice(children.indexOf(writer), 1);
        }
        // Whoever only stands in, here too, makes room for it.
        children.push(startChild(stage('projector')));
      }
    } finally {
      writing = false;
      await appending;
      for (const { process: child } of children) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
    try {
      await until(() => here.host().writes, 'the last process to write');
      const { before, after, seq } = await here.rebuild();
      assert.equal(seq, await log.end());
      assert.ok(seq > kills, `${seq} events`);
      assert.deepEqual(after, before);
    } finally {
      await here.close();
    }
  }));
