import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { withDependencies } from './dependency-stage.ts';

const noCargo = spawnSync('cargo', ['--version']).status === 0 ? false : 'cargo is not installed';

describe('what Cargo compiled', { skip: noCargo }, () => {
  it('is kept of packages from elsewhere alone, and a job says the same with it and without', () =>
    withDependencies(async ({ commit, run, store, installs, foreign }) => {
      const git = foreign({
        'Cargo.toml': '[package]\nname = "far"\nversion = "0.1.0"\nedition = "2021"\n',
        'src/lib.rs': 'pub fn one() -> u32 { 1 }\n',
      });
      const shop = (text: string) => ({
        'Cargo.toml': `[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nfar = { git = "file://${git.path}" }\n`,
        'Cargo.lock': `version = 3\n\n[[package]]\nname = "far"\nversion = "0.1.0"\nsource = "git+file://${git.path}#${git.sha}"\n\n[[package]]\nname = "shop"\nversion = "0.1.0"\ndependencies = [\n "far",\n]\n`,
        'src/main.rs': text,
      });
      const warned = 'fn main() { let unused = far::one(); }\n';
      const build = 'cargo build --message-format=json; ./target/debug/shop';
      commit(shop(warned));
      const cold = await run(build, null);
      assert.equal(cold.compiled?.source, 'none', cold.text);
      const [entry] = await store.list();
      assert.equal(entry?.kind, 'compiled', cold.text);
      const kept = readdirSync(join(installs, entry?.owner ?? '', entry?.key ?? ''), {
        recursive: true,
        encoding: 'utf8',
      });
      assert.ok(kept.some((path) => /libfar-[0-9a-f]+\.rlib$/.test(path)));
      assert.deepEqual(
        kept.filter((path) => /shop/.test(path)),
        [],
      );
      const warm = await run(build, null);
      assert.equal(warm.compiled?.source, 'cache', warm.text);
      const said = ({ text }: { text: string }) =>
        text
          .split('\n')
          .filter((line) => line.includes('"compiler-message"'))
          .join('\n');
      assert.ok(said(cold).includes('unused variable'));
      assert.equal(said(cold), said(warm));
      assert.doesNotMatch(warm.text, /Compiling far/);
      commit(shop('fn main() { println!("changed {}", far::one()); }\n'));
      const changed = await run(build, null);
      assert.equal(changed.compiled?.source, 'cache');
      assert.match(changed.text, /changed 1$/m);
      assert.equal(said(changed), '');
    }));

  it('is kept by the manifests where nothing is locked, and says the same with it and without', () =>
    withDependencies(async ({ commit, run, foreign, at }) => {
      const git = foreign({
        'Cargo.toml': '[package]\nname = "far"\nversion = "0.1.0"\nedition = "2021"\n',
        'src/lib.rs': 'pub fn one() -> u32 { 1 }\n',
      });
      const shop = (version: string, text: string) => ({
        '.gitignore': 'target\nCargo.lock\n',
        'Cargo.toml': `[package]\nname = "shop"\nversion = "${version}"\nedition = "2021"\n[dependencies]\nfar = { git = "file://${git.path}" }\n`,
        'src/main.rs': text,
      });
      const check = 'cargo check --message-format=json';
      commit(shop('0.1.0', 'fn main() { far::one(); }\n'));
      const cold = await run(check, null);
      assert.match(cold.compiled?.reason ?? '', /^there is no Cargo.lock, and nothing of the same manifests/);
      commit(shop('0.1.0', 'fn main() { let unused = far::one(); }\n'));
      const warm = await run(check, null);
      assert.equal(warm.compiled?.source, 'cache', warm.text);
      assert.match(warm.text, /unused variable/);
      assert.doesNotMatch(warm.text, /Checking far/);
      at.now += 86_400_000;
      const late = await run(check, null);
      assert.equal(late.compiled?.reason, 'there is no Cargo.lock, and what was kept is older than a day');
      commit(shop('0.2.0', 'fn main() { far::one(); }\n'));
      assert.equal((await run(check, null)).compiled?.source, 'none', 'another manifest may ask for other packages');
    }));
});
