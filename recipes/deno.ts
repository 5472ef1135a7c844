import { type Ecosystem, type Evidence, foundIn, type Step, step, suggest, type Tree } from './define.ts';
import { globMatches } from './detection/path-glob.ts';
import { at, foldersWith, inside, ownFiles, uncovered } from './detection/tree.ts';
import { type Data, jsonData, objectOf, stringsOf } from './evidence/read-data.ts';
import { within } from './evidence/shell-commands.ts';
import { shellArgument } from './shell-word.ts';

const commands = {
  test: 'deno test --allow-all',
  lint: 'deno lint --json',
  fmt: 'deno fmt --check',
};
const manifest = /^deno\.jsonc?$/;
const testFile = /(^|\/)([^/]+[._])?test\.[cm]?[jt]sx?$/;
/** So many sets of permissions and files are tested, each in a run of its own. */
const mostTests = 8;

/** Deno projects: a deno.json, where the root of a workspace stands for its members. They need no installation. */
export const deno: Ecosystem = {
  name: 'deno',
  suggested: suggest('deno', [
    ['test', 'deno', commands.test],
    ['lint', 'deno', commands.lint],
    ['lint', 'deno', commands.fmt],
  ]),
  find(tree, evidence) {
    const run = evidence.runs.filter(
      ({ words, gate, where }) =>
        gate && words[0] === 'deno' && /^(test|lint|check)$/.test(words[1] ?? '') && !where.includes('package.json: '),
    );
    const own = foldersWith(tree, manifest).filter((path) => !isOnlySettings(path, tree, evidence));
    // CI may test in a folder whose settings lie elsewhere.
    const all = [...new Set([...own, ...run.map(({ folder }) => folder)])];
    const isMember = (outer: string, inner: string) => {
      const { workspace } = settingsOf(tree, outer);
      const globs = Array.isArray(workspace) ? stringsOf(workspace) : stringsOf(objectOf(workspace)['members']);
      const below = outer === '.' ? inner : inner.slice(outer.length + 1);
      return globs.some((glob) => globMatches(glob.replace(/^\.\//, '').replace(/\/$/, ''), below));
    };
    const projects = uncovered(all, isMember);
    return projects.map((path) => ({
      path,
      language: 'typescript',
      steps: [...testSteps(path, projects, tree, evidence), ...checkSteps(path, projects, tree, evidence)],
      timeout_secs: 900,
    }));
  },
};

function settingsOf(tree: Tree, path: string): Data {
  const name = ['deno.json', 'deno.jsonc'].find((one) => tree.files.includes(at(path, one)));
  return name === undefined ? {} : jsonData(tree.text(at(path, name)));
}

/** Whether a run from another folder takes this file with `--config`: then that run is the check. */
function isOnlySettings(path: string, tree: Tree, { runs }: Evidence): boolean {
  if (path === '.' || 'workspace' in settingsOf(tree, path)) return false;
  return runs.some(
    ({ words, folder, gate }) =>
      gate &&
      words[0] === 'deno' &&
      folder !== path &&
      words.some((word, place) => {
        const value = /^(-c|--config)$/.test(words[place - 1] ?? '') ? word : /^--config=(.+)$/.exec(word)?.[1];
        return value !== undefined && within(folder, value).replace(/\/?deno\.jsonc?$/, '') === path;
      }),
  );
}

/** The commands with which CI tests, else the project's own task, else all tests that are there. */
function testSteps(path: string, projects: readonly string[], tree: Tree, { runs }: Evidence): Step[] {
  const own = runs.filter(
    ({ words, folder, gate }) => gate && folder === path && words[0] === 'deno' && words[1] === 'test',
  );
  const asked = new Map(own.map(({ words, where }) => [withoutNoise(words).map(shellArgument).join(' '), where]));
  if (asked.size > 0)
    return [...asked].slice(0, mostTests).map(([command, where]) => foundIn(step('test', ['deno'], command), where));
  const file = ['deno.json', 'deno.jsonc'].find((one) => tree.files.includes(at(path, one))) ?? '';
  if ('test' in objectOf(settingsOf(tree, path)['tasks']))
    return [foundIn(step('test', ['deno'], 'deno task test'), `${at(path, file)}: test`)];
  const first = ownFiles(tree, path, projects).find((name) => testFile.test(name));
  return first === undefined ? [] : [foundIn(step('test', ['deno'], commands.test), at(path, first))];
}

/** Without reports that nobody reads here, and without loading anew what is there. */
function withoutNoise(words: readonly string[]): string[] {
  return words.filter((word) => !/^--(coverage|reload|watch|quiet|junit-path|reporter)(=.*)?$|^-[rq]$/.test(word));
}

/** Its linter where it is configured or run, its formatter and its compiler where CI runs them. */
function checkSteps(path: string, projects: readonly string[], tree: Tree, evidence: Evidence): Step[] {
  const runOf = (verb: string, gate: boolean) =>
    evidence.runs.find(
      (run) =>
        (run.gate || !gate) &&
        run.words[0] === 'deno' &&
        run.words[1] === verb &&
        inside(run.folder, path) &&
        !projects.some((inner) => inner !== path && inside(inner, path) && inside(run.folder, inner)),
    );
  const settings = settingsOf(tree, path);
  const tasks = JSON.stringify(objectOf(settings['tasks']));
  const file = ['deno.json', 'deno.jsonc'].find((one) => tree.files.includes(at(path, one))) ?? '';
  const lints = runOf('lint', false);
  const isLinted = lints !== undefined || 'lint' in settings || /\bdeno lint\b/.test(tasks);
  const formats = evidence.runs.find(
    ({ words, folder, gate }) => gate && inside(folder, path) && words.slice(0, 3).join(' ') === 'deno fmt --check',
  );
  const checks = runOf('check', true);
  const types = checks === undefined ? '' : withoutNoise(checks.words).map(shellArgument).join(' ');
  return [
    ...(checks === undefined ? [] : [foundIn(step('build', ['deno'], types), checks.where)]),
    ...(isLinted
      ? [{ ...step('lint', ['deno'], commands.lint), found: lints?.where ?? at(path, file), configured: 'deno' }]
      : []),
    ...(formats === undefined
      ? []
      : [{ ...step('lint', ['deno'], commands.fmt), found: formats.where, configured: 'deno' }]),
  ];
}
