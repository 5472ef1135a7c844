import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, type Evidence, foundIn, type Step, step, suggest, type Tree } from './define.ts';
import { machineStep, namedLinters } from './detection/linters.ts';
import { globMatches } from './detection/path-glob.ts';
import { at, foldersWith, inside, uncovered } from './detection/tree.ts';
import { objectOf, stringsOf, tableAt, tomlData } from './evidence/read-data.ts';
import { shellArgument, shellWord } from './shell-word.ts';

const commands = {
  build: `cargo build --workspace ${machineFlag('rustc')}`,
  test: 'cargo test --workspace --no-fail-fast',
  lint: `cargo clippy --workspace --all-targets ${machineFlag('clippy')}`,
  audit: `cargo audit ${machineFlag('cargo-audit')}`,
};

// Without a configuration of its own a crate gets what is wrong in any code.
const surelyWrong = '-- -A clippy::all -W clippy::correctness -W clippy::suspicious';
/** So many sets of features are tested, each in a run of its own. */
const mostFeatureSets = 3;

/** Crates; a workspace stands for all crates beneath it but those that it excludes. */
export const rust: Ecosystem = {
  name: 'rust',
  suggested: suggest('rust', [
    ['build', 'cargo', commands.build],
    ['test', 'cargo', commands.test],
    ['lint', 'cargo-clippy', commands.lint],
    ['audit', 'cargo-audit', commands.audit],
  ]),
  find(tree, evidence) {
    const crates = foldersWith(tree, /^Cargo\.toml$/);
    const manifestOf = (path: string) => tomlData(tree.text(at(path, 'Cargo.toml')));
    const covers = (outer: string, inner: string) => {
      const manifest = manifestOf(outer);
      if (!('workspace' in manifest) || 'workspace' in manifestOf(inner)) return false;
      const { members, exclude } = tableAt(manifest, 'workspace');
      const below = outer === '.' ? inner : inner.slice(outer.length + 1);
      if (stringsOf(members).some((glob) => globMatches(glob.replace(/^\.\//, ''), below))) return true;
      if (stringsOf(exclude).some((folder) => inside(inner, at(outer, folder.replace(/\/\**$/, ''))))) return false;
      // What a member depends on by its path is a member too; cargo refuses any other crate below (Cargo book, workspaces).
      return crates.some((crate) => crate !== inner && inside(crate, outer) && dependsOn(tree, crate, inner));
    };
    const checks = (path: string): Step[] => {
      const locked = tree.files.includes(at(path, 'Cargo.lock'));
      const audit = locked ? commands.audit : `cargo generate-lockfile && ${commands.audit}`;
      const isCovered = crates.some((outer) => outer !== path && inside(path, outer));
      return [
        ...testSteps(path, evidence),
        ...lintSteps(path, isCovered, tree, evidence),
        foundIn(step('audit', ['cargo', 'cargo-audit'], audit), at(path, 'Cargo.toml')),
      ];
    };
    return uncovered(crates, covers).map((path) => {
      const manifest = at(path, 'Cargo.toml');
      return {
        path,
        language: 'rust',
        steps: [
          foundIn(step('build', ['cargo'], commands.build), manifest),
          // Targets for a fuzzer are compiled, and have no tests that end.
          ...(/"libfuzzer-sys"|libfuzzer-sys\s*=|cargo-fuzz/.test(tree.text(manifest)) ? [] : checks(path)),
        ],
        timeout_secs: 1800,
      };
    });
  },
};

/** Whether a crate names another by the path to its folder. */
function dependsOn(tree: Tree, crate: string, other: string): boolean {
  const paths = tree.text(at(crate, 'Cargo.toml')).matchAll(/\bpath\s*=\s*(["'])([^"'\n]{1,300})\1/g);
  return [...paths].some(([, , path = '']) => at(crate, path).replace(/\/$/, '') === other);
}

/** The tests with the default features, and with each set of features that CI or a task tests them with. */
function testSteps(path: string, evidence: Evidence): Step[] {
  const runs = evidence.runs.filter(
    ({ words, folder }) => words[0] === 'cargo' && /^(test|nextest)$/.test(words[1] ?? '') && folder === path,
  );
  const sets = new Set(runs.map(({ words }) => featuresOf(words)).filter((set) => set !== ''));
  const where = runs[0]?.where ?? at(path, 'Cargo.toml');
  const ofPackages = new Set(runs.filter(({ gate }) => gate).flatMap(({ words }) => packageTests(words)));
  // Who tests some packages and never the whole has a reason: others may need another system.
  const isWhole =
    ofPackages.size === 0 || runs.some(({ words, gate }) => gate && !words.some((word) => isPart.test(word)));
  // Where CI tests the whole with some features and never without naming any, nobody promises that the default ones work.
  const gates = runs.filter(({ words, gate }) => gate && !words.some((word) => isPart.test(word)));
  const isHacked = evidence.runs.some(({ words, gate }) => gate && words[1] === 'hack' && words.includes('test'));
  const isDefault = gates.length === 0 || isHacked || gates.some(({ words }) => featureFlags(words) === '');
  const whole = isWhole ? [...(isDefault ? [''] : []), ...[...sets].slice(0, mostFeatureSets)] : [];
  return [
    ...whole.map((set) => [commands.test, set].filter(Boolean).join(' ')),
    ...[...ofPackages].slice(0, isWhole ? 0 : mostPackages),
  ].map((command) => foundIn(step('test', ['cargo'], command), where));
}

const mostPackages = 4;
const isPart = /^(-p|--package|--manifest-path|--target|--bin|--test|--example|--lib|--bench)(=|$)|^\+/;

/** A test of one package, with its features, as a command of its own; none where it is of something else. */
function packageTests(words: readonly string[]): string[] {
  const names = words.flatMap((word, place) => {
    const name = /^(?:--package|-p)=(.+)$/.exec(word)?.[1] ?? (/^(-p|--package)$/.test(word) ? words[place + 1] : '');
    return name !== undefined && /^[\w-]{1,100}$/.test(name) ? [name] : [];
  });
  const others = words.filter((word) => !/^(-p|--package)(=|$)/.test(word));
  if (names.length === 0 || others.some((word) => isPart.test(word))) return [];
  const packages = names.map((name) => `-p ${name}`).join(' ');
  return [[commands.test.replace('--workspace', packages), featureFlags(others)].filter(Boolean).join(' ')];
}

/** `--all-features`, `--no-default-features` and `--features a,b` of a command for the whole workspace. */
function featuresOf(words: readonly string[]): string {
  // Those of one package, target or toolchain mean nothing for all of them.
  return words.some((word) => isPart.test(word)) ? '' : featureFlags(words);
}

function featureFlags(words: readonly string[]): string {
  const flags = words.flatMap((word, place) => {
    if (/^--(all-features|no-default-features)$/.test(word)) return [word];
    const named =
      /^(?:--features|-F)=(.+)$/.exec(word)?.[1] ?? (/^(--features|-F)$/.test(word) ? words[place + 1] : undefined);
    return named !== undefined && /^[\w,/ -]+$/.test(named) ? [`--features ${shellWord(named)}`] : [];
  });
  return flags.join(' ');
}

function lintSteps(path: string, isCovered: boolean, tree: Tree, evidence: Evidence): Step[] {
  const named = namedLinters('rust', { folder: path, isCovered }, tree, evidence).map(machineStep);
  const first = evidence.run('cargo clippy', path);
  // One in the root is not of a crate that stands beside its workspace.
  const run = first !== null && inside(first.folder, path) ? first : null;
  const manifest = tomlData(tree.text(at(path, 'Cargo.toml')));
  const says = [tableAt(manifest, 'lints'), tableAt(manifest, 'workspace', 'lints')].some(
    (table) => Object.keys(objectOf(table['clippy'])).length > 0,
  );
  const settings = ['clippy.toml', '.clippy.toml']
    .map((name) => at(path, name))
    .find((file) => tree.files.includes(file));
  const found = run?.where ?? settings ?? (says ? at(path, 'Cargo.toml') : undefined);
  const levels = run === null ? [] : levelsOf(run.words);
  const asked = levels.length === 0 ? commands.lint : `${commands.lint} -- ${levels.map(shellArgument).join(' ')}`;
  const command = found === undefined ? `${commands.lint} ${surelyWrong}` : asked;
  return [foundIn(step('lint', ['cargo', 'cargo-clippy'], command), found), ...named];
}

/** The levels of lints behind `--`: `-Dclippy::pedantic`, `-W clippy::all`, `-D warnings`. */
function levelsOf(words: readonly string[]): string[] {
  const args = words.slice(words.indexOf('--') + 1 || words.length);
  return args.flatMap((word, at): string[] => {
    if (/^-[ADFW][a-z][\w:-]*$/.test(word)) return [word];
    const lint = args[at + 1] ?? '';
    return /^(-[ADFW]|--(allow|deny|forbid|warn))$/.test(word) && /^[a-z][\w:-]*$/.test(lint) ? [word, lint] : [];
  });
}
