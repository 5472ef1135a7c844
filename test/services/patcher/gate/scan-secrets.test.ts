import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { toolOnPath } from '../../../../recipes/detection/tools.ts';
import type { ChangedFile } from '../../../../services/floor/changed-file.ts';
import { openSecretScan } from '../../../../services/patcher/gate/scan-secrets.ts';

const dir = mkdtempSync(join(tmpdir(), 'ct-scan-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const changed = (path: string, before: string, text: string): ChangedFile => ({
  ...{ path, oldPath: path, status: 'modified', oldMode: '100644', newMode: '100644', binary: false },
  ...{ before, after: text, added: 1, removed: 0 },
});

/** A PATH with a program of this name beside those of the machine. */
function withGitleaks(name: string, script: string): { PATH: string } {
  const folder = join(dir, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'gitleaks'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${folder}:/usr/bin:/bin` };
}

/** Reports each line with a word as gitleaks does, and keeps what it was given. */
const finds = (word: string) => `
if [ "$1" = version ]; then echo 8.21.2; exit 0; fi
while [ $# -gt 0 ]; do case "$1" in --source) source=$2;; --report-path) report=$2;; esac; shift; done
grep -n -H ${word} "$source"/*.txt | awk -F: 'BEGIN { printf "[" } { printf "%s{\\"RuleID\\":\\"a-rule\\",\\"Description\\":\\"x\\",\\"StartLine\\":%s,\\"File\\":\\"%s\\",\\"Secret\\":\\"REDACTED\\"}", (NR > 1 ? "," : ""), $2, $1 } END { printf "]" }' > "$report"`;

describe('a scan of secrets by gitleaks', () => {
  const files = [
    changed('src/a.js', 'const old = "hush-old";\n', 'const old = "hush-old";\nconst b = 1;\nconst c = "hush-new";\n'),
    changed('src/b.js', 'x\n', 'x\ny\n'),
  ];

  it('names path and line of what a patch adds, and never the secret', async () => {
    const scan = openSecretScan(withGitleaks('finding', finds('hush')));
    assert.equal(await scan.scanners(), 'gitleaks 8.21.2 and own rules of crafting-table');
    const found = await scan.scan(files);
    assert.deepEqual(
      found.map(({ rule, path, line }) => [rule, path, line]),
      [['secret_in_patch', 'src/a.js', 3]],
    );
    assert.match(found[0]?.why ?? '', /a-rule, seen by gitleaks/);
    assert.doesNotMatch(JSON.stringify(found), /hush/);
    assert.deepEqual(await scan.scan([files[1] as ChangedFile]), []);
  });

  it('lets nothing out that it could not look at', async () => {
    const scan = openSecretScan(withGitleaks('broken', 'if [ "$1" = version ]; then echo 8; exit 0; fi; exit 3'));
    assert.deepEqual(
      (await scan.scan(files)).map(({ rule }) => rule),
      ['secret_in_patch'],
    );
  });

  it('says that our own rules looked alone, where it is not installed', async () => {
    const scan = openSecretScan({ PATH: '/usr/bin-of-nobody' });
    assert.equal(await scan.scanners(), 'own rules of crafting-table');
    assert.deepEqual(await scan.scan(files), []);
  });

  const real = toolOnPath('gitleaks', process.env);
  it('holds with the real one', { skip: real ? false : 'gitleaks is not here' }, async () => {
    const key = ['glpat', 'f3Kd92LmQx7Rt5Vb1NzY'].join('-');
    const scan = openSecretScan(process.env);
    const added = changed('src/a.js', 'x\n', `x\n\nconst token = '${key}'; // gitleaks:allow\n`);
    const found = await scan.scan([added]);
    assert.deepEqual(
      found.map(({ path, line }) => [path, line]),
      [['src/a.js', 3]],
      JSON.stringify(found),
    );
    assert.deepEqual(await scan.scan(files), []);
  });
});
