import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeRepository, temporaryFolder, testWorkspaces } from '../../../../support/git-repository.ts';

const files = { 'other.txt': 'one\n', 'same.txt': 'one\n' };

/** Writes the times of a file into its entry of an index of version 2, and into the index: what one tick does. */
function inOneTick(index: string, name: string, file: string): void {
  const bytes = readFileSync(index);
  const { mtimeNs, ctimeNs } = statSync(file, { bigint: true });
  const at = bytes.indexOf(`${name}\0`) - 62;
  for (const [word, ns] of [ctimeNs, mtimeNs].entries()) {
    bytes.writeUInt32BE(Number(ns / 1_000_000_000n), at + 8 * word);
    bytes.writeUInt32BE(Number(ns % 1_000_000_000n), at + 8 * word + 4);
  }
  const sum = createHash('sha1').update(bytes.subarray(0, -20)).digest();
  writeFileSync(index, Buffer.concat([bytes.subarray(0, -20), sum]));
  // Not later than the file, and by less than any clock of a file system shows.
  utimesSync(index, Number(mtimeNs - 1_000n) / 1e9, Number(mtimeNs - 1_000n) / 1e9);
}

test('a change within one tick of the clock, of the same size, is a change of the job', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(join(folder, 'origin'), files);
  const job = await testWorkspaces(context, join(folder, 'work')).checkout({ remote: { url }, branch: 'main' });
  const file = join(job.dir, 'same.txt');
  writeFileSync(file, 'two\n');
  const index = join(job.dir, '..', 'index');
  inOneTick(index, 'same.txt', file);
  assert.match(await job.changes(), /^-one\n\+two$/m);
});

test('the index that a recipe finds in its tree is as old as the one that was written', async (context) => {
  const folder = temporaryFolder(context);
  const url = makeRepository(join(folder, 'origin'), files);
  const job = await testWorkspaces(context, join(folder, 'work')).checkout({ remote: { url }, branch: 'main' });
  const own = statSync(join(job.dir, '.git', 'index'), { bigint: true }).mtimeNs;
  const written = statSync(join(job.dir, '..', 'index'), { bigint: true }).mtimeNs;
  assert.ok(own <= written && written - own < 10_000n, `${own} of ${written}`);
});
