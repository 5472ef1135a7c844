import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { logIndexes } from '../../../../services/api/jobs/log-line-index.ts';
import type { LogChunk } from '../../../../services/io/log-stream.ts';
import { openFarm } from '../../../support/farm.ts';
import type { Json } from '../../../support/http.ts';
import { enqueue, register } from '../registered.ts';

/** A log in chunks of so many bytes, and how many of them were read. */
function cutLog(text: string, size: number) {
  const all = Buffer.from(text);
  const chunks: LogChunk[] = [];
  for (let at = 0; at < all.length; at += size)
    chunks.push({ pipe: 'stdout', bytes: all.subarray(at, at + size), seq: 10 + 3 * chunks.length });
  const read: number[] = [];
  return {
    span: { id: 'x', seq: 1, first: 10, last: chunks.at(-1)?.seq ?? 0 },
    read,
    logs: {
      read: async (
        _id: string,
        { firstSeq = 1, lastSeq = 1e9 },
        onChunk: (chunk: LogChunk) => void | Promise<void>,
      ) => {
        for (const chunk of chunks)
          if (chunk.seq >= firstSeq && chunk.seq <= lastSeq) {
            read.push(chunk.seq);
            await onChunk(chunk);
          }
      },
    },
  };
}

test('any lines of a log are the same by number as in the whole text, however it is cut', async () => {
  const lines = Array.from({ length: 60 }, (_, at) => (at % 7 === 4 ? '' : `${'ä'.repeat(at % 5)} line ${at + 1}`));
  for (const text of [`${lines.join('\n')}\n`, lines.join('\r\n')])
    for (const size of [1, 2, 7, 64, 10_000]) {
      const { logs, span } = cutLog(text, size);
      const indexes = logIndexes(logs);
      for (const [from, count] of [
        [1, 5],
        [1, 60],
        [2, 1],
        [30, 10],
        [59, 10],
        [60, 1],
        [61, 5],
      ] as const) {
        const found = await indexes.lines(span, from, count);
        assert.deepEqual(found.lines, lines.slice(from - 1, from - 1 + count), `${from} ${count} in pieces of ${size}`);
        if (from > 1) assert.equal(found.total_lines, 60);
      }
      assert.deepEqual((await indexes.last(span, 3)).lines, lines.slice(-3));
    }
});

test('once its index is made, lines at the end of a large log are read from its last chunks alone', async () => {
  const { logs, span, read } = cutLog(Array.from({ length: 5_000 }, (_, at) => `line ${at}\n`).join(''), 100);
  const indexes = logIndexes(logs);
  await indexes.lines(span, 4_000, 10);
  read.length = 0;
  assert.equal((await indexes.lines(span, 4_990, 10)).lines[0], 'line 4989');
  assert.ok(read.length <= 4, `${read.length} chunks`);
});

const farm = await openFarm({
  files: {
    'out.sh':
      'i=1; while [ $i -le 300 ]; do echo "row $i"; i=$((i+1)); done; echo "src/a.c:3:9: error: expected thing [-Wx]"; echo tail; exit 1',
  },
});
after(() => farm.close());
const { http } = farm;
let id = '';
before(async () => {
  await register(farm, 'shop', {
    commands: { build: 'sh out.sh' },
    subprojects: [{ path: '.', language: 'c', build: 'sh out.sh' }],
  });
  id = (await enqueue(farm, 'shop', { recipe: 'build' })).job_id;
  await http.ended(id);
});
const get = async (path: string): Promise<Json> => {
  const { status, json, text } = await http.get(`/jobs/${id}${path}`);
  assert.equal(status, 200, text);
  return json;
};

test('lines of a job are given by number, from the end, with their count and the first that failed', async () => {
  const some = await get('/log/lines?from=100&count=2');
  assert.deepEqual(
    [some.first, some.lines, some.total_lines, some.first_error_line],
    [100, ['row 100', 'row 101'], 302, 301],
  );
  assert.deepEqual((await get('/log/lines?end=1&count=2')).lines, ['src/a.c:3:9: error: expected thing [-Wx]', 'tail']);
  assert.equal((await get('/log/lines')).lines.length, 302);
  const { matches, next_from } = await get('/log/search?q=ROW%203&limit=5');
  assert.deepEqual([matches.map((one: Json) => one.line), next_from], [[3, 30, 31, 32, 33], 34]);
  assert.equal((await get('/log/search?q=row%203&from=34')).next_from, null);
  const stranger = await http.mint('stranger');
  for (const path of ['log/lines', 'log/search?q=x'])
    assert.equal((await http.get(`/jobs/${id}/${path}`, { bearer: stranger })).status, 404);
});

test('a finding of a job says from which line of the log it was read', async () => {
  const { findings } = await get('/findings?log_lines=1');
  const one = findings.find((finding: Json) => finding.file === 'src/a.c');
  assert.deepEqual([one.line, one.log_line], [3, 301]);
  assert.equal('log_line' in (await get('/findings')).findings[0], false);
});
