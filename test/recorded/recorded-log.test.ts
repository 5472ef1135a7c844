import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { answersFile, type Made, replayedLog } from './replay-log.ts';

// Tables and fields may come; what is there stays as it is. What is meant to change is written anew by `node test/recorded/replay-log.ts`; its diff shows what users will see.
describe('a log that was recorded once', () => {
  const expected = JSON.parse(readFileSync(answersFile, 'utf8')) as Made;
  let made: Made;
  before(async () => {
    made = await replayedLog();
  });

  it('gives the same rows in every read model', () => {
    for (const [table, rows] of Object.entries(expected.tables)) {
      assert.equal(made.tables[table]?.length, rows.length, table);
      assert.partialDeepStrictEqual(made.tables[table], rows, table);
    }
  });

  it('is answered by the API as before', () => {
    for (const [path, answer] of Object.entries(expected.answers))
      assert.partialDeepStrictEqual(made.answers[path], answer, path);
  });

  it('holds work of every kind: jobs, findings that come and go, an attempt that was merged', () => {
    const counts = ['jobs', 'findings', 'patches', 'projects'].map((table) => expected.tables[table]?.length ?? 0);
    assert.ok(
      counts.every((count) => count >= 2),
      `rows of jobs, findings, patches, projects: ${counts}`,
    );
    const statuses = Object.values(expected.answers).map(({ status }) => status);
    assert.ok(statuses.every((status) => status === 200 || status === 404));
    assert.ok(statuses.filter((status) => status === 200).length > 40, `${statuses}`);
  });
});
