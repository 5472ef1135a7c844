import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf } from '../../../services/dependencies/entry-print.ts';
import { openEntryStore } from '../../../services/dependencies/entry-store.ts';

// Keeps one entry after the other, until it is killed; the first line says that one is there.
const [dir = '', from = '0'] = process.argv.slice(2);
const store = openEntryStore({ dir, mostBytes: 1e9, now: () => 0 });
for (let n = Number(from); ; n += 1) {
  const stage = await store.stage('ann');
  const part = join(stage, 'parts', '0');
  mkdirSync(part);
  for (let at = 0; at < 60; at += 1) writeFileSync(join(part, `file-${at}`), `${n} ${at}\n`.repeat(100));
  const { digest } = await contentOf(join(stage, 'parts'));
  const facts = {
    ...{ owner: 'ann', project: 'p', subproject: '.', command: 'install', kind: 'install' as const, sha: null },
    ...{ parts: [{ root: 'tree' as const, path: 'node_modules', kind: 'folder' as const }], modes: [], until: null },
    ...{ bytes: 1, files: 60, madeAt: 0 },
  };
  const entry = await store.keep(stage, hash('sha256', `entry ${n % 5}`, 'hex'), facts, digest);
  entry.release();
  console.log(n);
}
