import type { Evidence, Run, Tree, Use } from '../define.ts';
import { globMatches } from '../detection/path-glob.ts';
import { at, inside } from '../detection/tree.ts';
import { readCiFiles } from './ci-files.ts';
import { type Data, listOf, objectOf, stringsOf, yamlData } from './read-data.ts';
import { shellCommands, within } from './shell-commands.ts';
import {
  denoTask,
  firstTarget,
  justRecipe,
  makeTarget,
  noxCommands,
  packageScript,
  type Task,
  taskfileTask,
  toxCommands,
} from './task-files.ts';

const deepest = 5;
const mostRuns = 3000;

/** Reads all of it. Nothing of the repository is run. */
export function readEvidence(tree: Tree): Evidence {
  const ci = readCiFiles(tree);
  const known = new Set(tree.files);
  const runs: Run[] = [];
  const follow = (task: Task, from: Omit<Run, 'words' | 'where'>, depth: number) => {
    for (const { words, folder, by } of shellCommands(task.text, from.folder)) {
      if (runs.length >= mostRuns) return;
      runs.push({ ...from, words, folder, where: task.where, ...(by === undefined ? {} : { by }) });
      const own = binaryOf(tree, words, folder);
      if (own !== null) runs.push({ ...from, words: own, folder, where: task.where });
      if (depth >= deepest) continue;
      for (const next of calledBy(tree, known, words, folder)) {
        const key = `${next.folder} ${next.name}`;
        if (from.chain.includes(key)) continue;
        follow(next.task, { ...from, folder: next.folder, chain: [...from.chain, key] }, depth + 1);
      }
    }
  };
  for (const { text, folder, where, job } of ci.scripts)
    follow({ text, where }, { folder, gate: true, job: `${where} ${job}`, chain: [] }, 0);
  const hooks = preCommitHooks(tree);
  for (const { entry } of hooks)
    if (entry !== '') follow({ text: entry, where: preCommit }, { folder: '.', gate: true, job: null, chain: [] }, 0);
  for (const task of wishes(tree)) follow(task, { folder: '.', gate: false, job: null, chain: [] }, 0);
  const uses = [...ci.uses, ...hooks.map(({ id, entry: _, ...hook }) => ({ ...hook, name: id, where: preCommit }))];
  return { runs, uses, flags: ci.flags, hasCi: ci.there, names: naming(runs, known), run: finding(runs) };
}

const preCommit = '.pre-commit-config.yaml';

type Hook = Required<Pick<Use, 'args' | 'exclude' | 'files' | 'paths'>> & { id: string; entry: string; from: string };

function preCommitHooks(tree: Tree): Hook[] {
  const file = [preCommit, '.pre-commit-config.yml', 'prek.toml'].find((one) => tree.files.includes(one)) ?? preCommit;
  const data = yamlData(tree.text(file));
  return listOf(data['repos'])
    .map(objectOf)
    .flatMap(({ repo, hooks }) => listOf(hooks).map((hook) => ({ ...objectOf(hook), from: String(repo ?? '') })))
    .flatMap(({ id, entry, files, exclude, args, from }: Data & { from: string }) => {
      if (typeof id !== 'string') return [];
      const patterns = (...all: unknown[]) => all.filter((one) => typeof one === 'string' && one !== '') as string[];
      return [
        {
          id,
          entry: typeof entry === 'string' ? entry : '',
          from,
          paths: foldersOf(files, tree),
          args: stringsOf(args),
          files: patterns(data['files'], files),
          exclude: patterns(data['exclude'], exclude),
        },
      ];
    });
}

/** What the root's task files offer, called by CI or not. */
function wishes(tree: Tree): Task[] {
  const names = ['all', 'check', 'ci', 'fmt', 'fmt-check', 'lint', 'test', 'tests', 'typecheck', 'vet'];
  const tasks = names.flatMap((name) => [
    makeTarget(tree, '.', name),
    justRecipe(tree, '.', name),
    taskfileTask(tree, '.', name),
  ]);
  return [...tasks, toxCommands(tree, '.'), noxCommands(tree, '.')].filter((task) => task !== null);
}

/** The folders that a pattern of names means by its start, as `^(src|tests)/` does; none for any other pattern. */
function foldersOf(pattern: unknown, tree: Tree): string[] {
  const text = typeof pattern === 'string' ? pattern.replace(/\s+|\(\?x\)/g, '') : '';
  const [, group, single] = /^\^(?:\(\??:?([\w./|-]+)\)\/?|([\w./-]+\/))/.exec(text) ?? [];
  const names = (group?.split('|') ?? [single ?? '']).map((name) => name.replace(/\/$/, ''));
  const isThere = (name: string) => name !== '' && tree.files.some((file) => inside(file, name));
  return names.every(isThere) ? names : [];
}

type Called = { readonly name: string; readonly folder: string; readonly task: Task };

/** The tasks and scripts of the repository that a command starts. */
function calledBy(tree: Tree, known: ReadonlySet<string>, words: readonly string[], folder: string): Called[] {
  const [program = '', first = ''] = words;
  const args = words.slice(1);
  const called = (name: string, task: Task | null, where = folder): Called[] =>
    task === null ? [] : [{ name, folder: where, task }];
  const optionOf = (...names: string[]) => {
    const place = args.findIndex((word) => names.includes(word));
    return place < 0 ? undefined : args[place + 1];
  };
  if (program === 'make' || program === 'gmake') {
    const there = within(folder, optionOf('-C', '--directory') ?? '.');
    const targets = args.filter(
      (word, place) => /^[A-Za-z][\w.-]*$/.test(word) && !/^(-C|-f|-j)$/.test(args[place - 1] ?? ''),
    );
    const wanted = targets.length > 0 ? targets : [firstTarget(tree, there)];
    return wanted.flatMap((target) => called(`make ${target}`, makeTarget(tree, there, target), there));
  }
  if (program === 'just') return called(`just ${first}`, justRecipe(tree, folder, first));
  if (program === 'task') return called(`task ${first}`, taskfileTask(tree, folder, first));
  if (program === 'tox') return called('tox', toxCommands(tree, folder));
  if (program === 'nox') return called('nox', noxCommands(tree, folder));
  if (program === 'deno' && first === 'task') return called(`deno ${words[2]}`, denoTask(tree, folder, words[2] ?? ''));
  if (/^(npm|pnpm|yarn|bun)$/.test(program)) {
    const there = within(folder, optionOf('-C', '--prefix', '--dir', '--cwd') ?? '.');
    const script = scriptOf(words);
    return script === null ? [] : called(`script ${script}`, packageScript(tree, there, script), there);
  }
  const file = /^(ba|da|z|k)?sh$|^source$|^\.$/.test(program) ? args.find((word) => !word.startsWith('-')) : program;
  const path = file === undefined || !/[/.]/.test(file) ? null : within(folder, file);
  if (path === null || !known.has(path)) return [];
  const text = tree.text(path);
  const isShell = /^#!.{0,60}\b(ba|da|z|k)?sh\b/.test(text) || path.endsWith('.sh');
  return isShell ? called(path, { text, where: path }) : [];
}

/** The program of a package that `yarn eslint .` or `pnpm tsc` starts where no script has that name; null for all else. */
function binaryOf(tree: Tree, words: readonly string[], folder: string): readonly string[] | null {
  if (!/^(pnpm|yarn|bun)$/.test(words[0] ?? '') || /^(run|run-script)$/.test(words[1] ?? '')) return null;
  const name = scriptOf(words);
  if (name === null || words[1] !== name || packageScript(tree, folder, name) !== null) return null;
  return words.slice(1);
}

const notScripts = new Set(
  'install ci i add remove up update audit publish pack link exec dlx create init login config set cache store why list ls version view dedupe prune rebuild import root bin info workspaces workspace node --version -v'.split(
    ' ',
  ),
);

/** The script of package.json that a command of a package manager runs. */
export function scriptOf(words: readonly string[]): string | null {
  const args = words
    .slice(1)
    .filter(
      (word, at, all) =>
        !word.startsWith('-') && !/^(-C|--filter|-F|--prefix|--workspace|-w|--dir|--cwd)$/.test(all[at - 1] ?? ''),
    );
  const [verb = '', name = ''] = args;
  if (verb === 'run' || verb === 'run-script') return name || null;
  // `bun test` is its own runner, whatever script has that name.
  if (verb === 'test' && /^bunx?$/.test(words[0] ?? '')) return null;
  if (verb === 't' || verb === 'tst') return 'test';
  return verb === '' || notScripts.has(verb) ? null : verb;
}

function naming(runs: readonly Run[], known: ReadonlySet<string>): Evidence['names'] {
  // A script of package.json may name anything; what CI and its tasks name is meant.
  const gates = runs.filter(({ gate, where }) => gate && !where.includes('package.json: '));
  const named = new Map<string, string>();
  for (const { words, folder, where } of gates) {
    if (folder !== '.' && !named.has(folder)) named.set(folder, where);
    for (const word of words.slice(1)) {
      const value = word.replace(/^--?[\w-]+=/, '').replace(/^!/, '');
      if (!/^[\w.@-]+(\/[\w.@*-]+)*\/?$/.test(value) || value.startsWith('-')) continue;
      const path = within(folder, value);
      if (path !== '.' && !named.has(path)) named.set(path, where);
    }
  }
  return (folder) => {
    for (const [path, where] of named) {
      const isManifest =
        known.has(path) &&
        /(^|\/)(Cargo\.toml|package\.json|pyproject\.toml|pom\.xml|go\.mod|composer\.json|CMakeLists\.txt|Makefile)$/.test(
          path,
        );
      if (path === folder || (isManifest && path.slice(0, path.lastIndexOf('/')) === folder)) return where;
      if (/[*]/.test(path) && globMatches(path, folder)) return where;
    }
    return null;
  };
}

function finding(runs: readonly Run[]): Evidence['run'] {
  const ordered = [...runs.filter(({ gate }) => gate), ...runs.filter(({ gate }) => !gate)];
  return (program, folder) => {
    const wanted = program.split(' ');
    const fits = ({ words, folder: here }: Run) =>
      wanted.every((word, place) => (words[place] ?? '').replace(place === 0 ? /^.*\// : /^$/, '') === word) &&
      (folder === undefined || inside(here, folder) || here === '.');
    return ordered.find(fits) ?? null;
  };
}

/** Words of a run that name files or folders of the repository, relative to the folder of the run. */
export function pathsOf(tree: Tree, { words, folder }: Run): string[] {
  const isThere = (path: string) => tree.files.some((file) => inside(file, path));
  return words.slice(1).filter((word) => /^[\w@][\w./@-]*$/.test(word) && isThere(at(folder, word.replace(/\/$/, ''))));
}
