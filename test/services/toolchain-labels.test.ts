import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { toolchainLabels } from '../../services/toolchain-labels.ts';

test('a JDK is known by its file of release, and a stand-in by what it answers', async (context) => {
  const dir = mkdtempSync(join(tmpdir(), 'labels-'));
  context.after(() => rmSync(dir, { recursive: true }));
  const javac = (at: string) => {
    mkdirSync(join(dir, at), { recursive: true });
    const file = join(dir, at, 'javac');
    writeFileSync(file, `#!/bin/sh\necho asked > '${dir}/asked'\necho 'javac 21.0.2'\n`, { mode: 0o755 });
    return file;
  };
  mkdirSync(join(dir, 'path'));
  symlinkSync(javac('jdk/bin'), join(dir, 'path', 'javac'));
  writeFileSync(join(dir, 'jdk', 'release'), 'IMPLEMENTOR="Debian"\nJAVA_VERSION="17.0.15"\n');
  assert.deepEqual(await toolchainLabels({ PATH: join(dir, 'path') }), ['jdk', 'jdk17']);
  assert.ok(!existsSync(join(dir, 'asked')));
  javac('shims');
  assert.deepEqual(await toolchainLabels({ PATH: join(dir, 'shims') }), ['jdk', 'jdk21']);
});
