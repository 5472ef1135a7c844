import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { logCodeOf, logCodes } from '../../../services/floor/log-codes.ts';
import { logCodesPage } from '../../support/readme-tables.ts';

const root = resolve(import.meta.dirname, '../../..');

/** The sentences of warnings and errors that stand in the sources as they are. */
function sentences(): [file: string, sentence: string][] {
  const files = execFileSync('git', ['ls-files', 'services/*.ts'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(/\b(?:logger|log)\.(?:warn|error)\((?:[^()]|\([^()]*\))*?'([^'\n]{8,})',?\s*\)/g)].map(
      ([, sentence = '']): [string, string] => [file, sentence],
    );
  });
}

test('every warning and error has a stable code, and the page for operators lists it', () => {
  const found = sentences();
  assert.ok(found.length > 50, `${found.length} sentences were found`);
  for (const [file, sentence] of found) assert.ok(logCodeOf(sentence), `${file} writes "${sentence}": give it a code`);
  assert.equal(new Set(Object.values(logCodes).map(({ says }) => says)).size, Object.keys(logCodes).length);
  assert.equal(readFileSync(join(root, 'docs/log-messages.md'), 'utf8'), logCodesPage());
});

test('a warning carries its code, an information none, and facts of their own name win', () => {
  const script = `const { openLog } = await import('./services/io/log.ts');
    const log = await openLog({ level: 'info', format: 'json' });
    log.warn({ consumer: 'parser' }, 'consumer failed, will try again');
    log.error({ error: 'full' }, 'no new work is taken: the disk has 1 % left');
    log.info({}, 'digest not sent');
    log.warn({}, 'something else');`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  });
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ code }) => code),
    ['consumer_retry', 'disk_full', undefined, undefined],
  );
  assert.equal(lines[0].consumer, 'parser');
});
