import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { openPatchFarm, type PatchFarm } from '../../support/patch-farm.ts';

const lock = (version: string) =>
  `version = 4\n\n[[package]]\nname = "app"\nversion = "0.1.0"\ndependencies = [\n "time",\n]\n\n[[package]]\nname = "time"\nversion = "${version}"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${'0'.repeat(64)}"\n`;
const auditor = `
const version = /name = "time"\\nversion = "([^"]+)"/.exec(require('node:fs').readFileSync('Cargo.lock', 'utf8'))[1];
const item = { advisory: { id: 'RUSTSEC-2020-0071', package: 'time', title: 'Potential segfault', aliases: [], cvss: null },
  versions: { patched: ['>=0.2.23'], unaffected: [] }, package: { name: 'time', version } };
const bad = version.startsWith('0.2.') && Number(version.split('.')[2]) < 23;
console.log(JSON.stringify({ database: {}, lockfile: { 'dependency-count': 2 }, settings: {}, vulnerabilities: { found: bad, count: bad ? 1 : 0, list: bad ? [item] : [] }, warnings: {} }));
process.exit(bad ? 1 : 0);
`;
const files = {
  'audit.cjs': auditor,
  'Cargo.toml': '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\ntime = "0.2"\n',
  'Cargo.lock': lock('0.2.7'),
};

/** A farm whose jobs find node and, when there is one, this `cargo`, and nothing else. */
async function withCargo(cargo: string | null, work: (farm: PatchFarm) => Promise<void>): Promise<void> {
  const tools = mkdtempSync(join(tmpdir(), 'ct-cargo-'));
  mkdirSync(join(tools, 'bin'));
  symlinkSync(process.execPath, join(tools, 'bin', 'node'));
  if (cargo !== null) writeFileSync(join(tools, 'bin', 'cargo'), `#!${process.execPath}\n${cargo}`);
  if (cargo !== null) chmodSync(join(tools, 'bin', 'cargo'), 0o755);
  const audit = 'node audit.cjs # cargo audit --json';
  const subproject = { path: '.', language: 'rust', audit, env: { PATH: join(tools, 'bin') } };
  const farm = await openPatchFarm({ agent: false, files, subproject, recipe: 'audit' });
  try {
    await work(farm);
  } finally {
    await farm.close();
    rmSync(tools, { recursive: true, force: true });
  }
}

const updates = `
const [, , ...args] = process.argv;
if (args.join(' ') !== 'update -p time@0.2.7 --precise 0.2.23') { console.error('error: what is ' + args.join(' ')); process.exit(101); }
const fs = require('node:fs');
fs.writeFileSync('Cargo.lock', fs.readFileSync('Cargo.lock', 'utf8').replace('version = "0.2.7"', 'version = "0.2.23"'));
`;

describe('a bump by the package manager', () => {
  it('moves the lock file in a job, and what the manager has written is proven and proposed', () =>
    withCargo(updates, async (farm) => {
      const seen = await farm.seen('p');
      const before = (await farm.http.get('/findings')).json.findings;
      const attempt = await farm.mend(seen, 'RUSTSEC-2020-0071');
      assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
      assert.equal(attempt.method, 'bump');
      assert.equal(git(farm.parts.bare, 'show', `${attempt.branch}:Cargo.lock`), lock('0.2.23').trimEnd());
      assert.deepEqual(
        attempt.files.map(({ path }: Json) => path),
        ['Cargo.lock'],
      );
      assert.equal(attempt.title, 'Bump time to 0.2.23 (RUSTSEC-2020-0071)');
      assert.match(attempt.explanation, /moves only time in Cargo\.lock/);
      const { jobs } = (await farm.http.get('/jobs?project=p')).json;
      assert.deepEqual(jobs.map(({ purpose }: Json) => purpose).sort(), ['draft', 'requested', 'verify']);
      assert.deepEqual((await farm.http.get('/findings')).json.findings, before);
    }));

  it('says that the package manager is not installed', () =>
    withCargo(null, async (farm) => {
      const attempt = await farm.mend(await farm.seen('p'), 'RUSTSEC-2020-0071');
      assert.equal(attempt.status, 'declined', JSON.stringify(attempt));
      assert.deepEqual([attempt.failure.step, attempt.failure.reason], ['draft', 'command_failed']);
      assert.match(attempt.failure.detail, /ended with 127/);
      assert.match(attempt.failure.detail, /cargo is not installed on this runner/);
    }));

  it('says what the package manager said when it fails', () =>
    withCargo("console.error('error: the registry cannot be reached'); process.exit(101);", async (farm) => {
      const attempt = await farm.mend(await farm.seen('p'), 'RUSTSEC-2020-0071');
      assert.deepEqual([attempt.status, attempt.failure.reason], ['declined', 'command_failed']);
      assert.match(attempt.failure.detail, /ended with 101.*the registry cannot be reached/s);
    }));

  it('is refused when the package manager writes to files that are not its own', () =>
    withCargo(`${updates}\nfs.writeFileSync('audit.cjs', 'process.exit(0);');`, async (farm) => {
      const attempt = await farm.mend(await farm.seen('p'), 'RUSTSEC-2020-0071');
      assert.equal(attempt.status, 'refused', JSON.stringify(attempt));
      assert.equal(attempt.failure.step, 'policy');
      assert.match(attempt.failure.detail, /audit\.cjs/);
      assert.deepEqual(farm.parts.branches(), []);
    }));
});
