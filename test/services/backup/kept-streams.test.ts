import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import * as streams from '../../../events/streams.ts';
import { folders, kept, streamOf } from '../../../services/backup/kept-streams.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const nameOf = (stream: string) => stream.replace(/^(?:KV|OBJ)_/, '');
const defined = Object.values(streams).flatMap((one) => (typeof one === 'object' && 'name' in one ? [one.name] : []));

test('every stream and bucket says what becomes of it in a backup, and no other is named', () => {
  assert.deepEqual(kept.map(({ stream }) => nameOf(stream)).sort(), [...defined].sort());
});

test('no code names a stream or bucket beside those', () => {
  const files = globSync('{events,projections,services}/**/*.{ts,pl}', { cwd: root });
  const named = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/['"`](?:KV_|OBJ_)?(CT_[A-Z_]+)['"`]/g)].map(
      ([, name = '']) => ({ file, name }),
    ),
  );
  assert.ok(named.length >= defined.length);
  for (const { file, name } of named)
    assert.ok(
      defined.some((one) => one === name),
      `${file}: ${name}`,
    );
});

test('every folder of a backup is of one stream, and what is left out says why', () => {
  for (const folder of folders) assert.equal(kept.filter(({ backup }) => backup === folder).length, 1, folder);
  assert.equal(new Set(folders.map(streamOf)).size, folders.length);
  for (const { stream, backup } of kept) if (typeof backup === 'object') assert.ok(backup.leftOut.length > 10, stream);
});
