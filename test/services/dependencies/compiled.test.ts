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
});
