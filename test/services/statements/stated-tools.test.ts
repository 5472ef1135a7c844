import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { toolVersions } from '../../../services/statements/stated-tools.ts';

/** A program that says its version when it is given exactly these words. */
function program(folder: string, name: string, words: string, says: string): void {
  const script = `#!/bin/sh\n[ "$*" = "${words}" ] && echo '${says}'\nexit 0\n`;
  writeFileSync(join(folder, name), script, { mode: 0o755 });
}

test('a proof states the versions of the tools that its commands name, asked as their cards say', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'stated-tools-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  program(folder, 'ruff', '--version', 'ruff 0.9.1');
  program(folder, 'javac', '-version', 'javac 21.0.2');
  program(folder, 'go', 'version', 'go version go1.22.1 linux/amd64');
  program(folder, 'python3', '-m pytest --version', 'pytest 8.3.4');
  program(folder, 'unknown-tool', '--version', 'unknown-tool 1.0');
  const commands = ['ruff check . && go build ./...', 'javac A.java; python3 -m pytest -q', 'unknown-tool 1'];
  assert.deepEqual(await toolVersions(commands, { PATH: `${folder}:/usr/bin:/bin` }), [
    { program: 'go', version: 'go version go1.22.1 linux/amd64' },
    { program: 'javac', version: 'javac 21.0.2' },
    { program: 'pytest', version: 'pytest 8.3.4' },
    { program: 'ruff', version: 'ruff 0.9.1' },
  ]);
});

test('a tool is asked once for the proofs of a minute, and anew when its file was replaced', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'stated-tools-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const ruffOf = (version: string, at: string) =>
    writeFileSync(at, `#!/bin/sh\necho asked >> '${folder}/asked'\necho 'ruff ${version}'\n`, { mode: 0o755 });
  const versions = () => toolVersions(['ruff check .'], { PATH: `${folder}:/usr/bin:/bin` });
  const asked = () => readFileSync(join(folder, 'asked'), 'utf8').split('\n').length - 1;
  ruffOf('0.9.1', join(folder, 'ruff'));
  for (let proof = 0; proof < 3; proof += 1)
    assert.deepEqual(await versions(), [{ program: 'ruff', version: 'ruff 0.9.1' }]);
  assert.equal(asked(), 1);
  ruffOf('0.9.2', join(folder, 'newer'));
  renameSync(join(folder, 'newer'), join(folder, 'ruff'));
  assert.deepEqual(await versions(), [{ program: 'ruff', version: 'ruff 0.9.2' }]);
  assert.equal(asked(), 2);
});
