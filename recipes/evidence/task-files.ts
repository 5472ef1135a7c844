import type { Tree } from '../define.ts';
import { at } from '../detection/tree.ts';
import { jsonData, listOf, objectOf, stringsOf, tableAt, tomlData, yamlData } from './read-data.ts';

/** What a name stands for in a folder's Makefile, justfile, Taskfile, package.json or tox file, and where it is said. */
export type Task = { readonly text: string; readonly where: string };

/** `make lint`: the recipe of a target after those that it depends on. */
export function makeTarget(tree: Tree, folder: string, target: string): Task | null {
  const name = ['GNUmakefile', 'makefile', 'Makefile'].find((one) => tree.files.includes(at(folder, one)));
  if (name === undefined) return null;
  return ruleOf(tree.text(at(folder, name)), { target, where: `${at(folder, name)}: ${target}` });
}

/** The first target of a Makefile, which `make` alone means. */
export function firstTarget(tree: Tree, folder: string): string {
  const name = ['GNUmakefile', 'makefile', 'Makefile'].find((one) => tree.files.includes(at(folder, one))) ?? '';
  return /^([A-Za-z][\w.-]*)[ \t]*:(?!=)/m.exec(tree.text(at(folder, name)))?.[1] ?? '';
}

/** `just lint`. */
export function justRecipe(tree: Tree, folder: string, target: string): Task | null {
  const name = ['justfile', 'Justfile', '.justfile'].find((one) => tree.files.includes(at(folder, one)));
  if (name === undefined) return null;
  return ruleOf(tree.text(at(folder, name)), { target, where: `${at(folder, name)}: ${target}` });
}

/** `task lint`. */
export function taskfileTask(tree: Tree, folder: string, target: string): Task | null {
  const name = ['Taskfile.yml', 'Taskfile.yaml'].find((one) => tree.files.includes(at(folder, one)));
  if (name === undefined) return null;
  const task = tableAt(yamlData(tree.text(at(folder, name))), 'tasks')[target];
  const cmds = Array.isArray(task) ? task : listOf(objectOf(task)['cmds']);
  const text = cmds.map((one) => (typeof one === 'string' ? one : String(objectOf(one)['cmd'] ?? ''))).join('\n');
  return text.trim() === '' ? null : { text, where: `${at(folder, name)}: ${target}` };
}

/** `npm run lint`. */
export function packageScript(tree: Tree, folder: string, script: string): Task | null {
  const text = tableAt(jsonData(tree.text(at(folder, 'package.json'))), 'scripts')[script];
  return typeof text === 'string' ? { text, where: `${at(folder, 'package.json')}: ${script}` } : null;
}

/** `deno task lint`. */
export function denoTask(tree: Tree, folder: string, task: string): Task | null {
  const name = ['deno.json', 'deno.jsonc'].find((one) => tree.files.includes(at(folder, one)));
  const text = name === undefined ? undefined : tableAt(jsonData(tree.text(at(folder, name))), 'tasks')[task];
  return typeof text === 'string' ? { text, where: `${name}: ${task}` } : null;
}

/** `tox -e typing`, or all of its commands. */
export function toxCommands(tree: Tree, folder: string): Task | null {
  const pyproject = tableAt(tomlData(tree.text(at(folder, 'pyproject.toml'))), 'tool', 'tox');
  const native = [
    pyproject,
    tableAt(pyproject, 'env_run_base'),
    ...Object.values(tableAt(pyproject, 'env')).map(objectOf),
  ];
  const lines = native.flatMap((table) => listOf(table['commands']).map((one) => stringsOf(one).join(' ')));
  const legacy = String(pyproject['legacy_tox_ini'] ?? '');
  const ini = [tree.text(at(folder, 'tox.ini')), legacy].flatMap(commandsOfIni);
  const text = [...lines, ...ini].filter((line) => line.trim() !== '').join('\n');
  const where = tree.files.includes(at(folder, 'tox.ini'))
    ? at(folder, 'tox.ini')
    : `${at(folder, 'pyproject.toml')}: tox`;
  return text === '' ? null : { text, where };
}

/** What `session.run("mypy", "src")` of a noxfile says, as far as it is written in words. */
export function noxCommands(tree: Tree, folder: string): Task | null {
  const file = at(folder, 'noxfile.py');
  const calls = tree.text(file).matchAll(/session\.run\(([^)]{1,500})\)/g);
  const text = [...calls]
    .map(([, words = '']) => [...words.matchAll(/(["'])([^"'\n]{1,200})\1/g)].map((match) => match[2]).join(' '))
    .filter((line) => line !== '')
    .join('\n');
  return text === '' ? null : { text, where: file };
}

type Wanted = { readonly target: string; readonly where: string };

/** A rule of a Makefile or justfile: its own lines, after those of what it depends on. */
function ruleOf(text: string, { target, where }: Wanted, seen = new Set<string>()): Task | null {
  if (seen.has(target) || seen.size > 40) return null;
  seen.add(target);
  const lines = text.replace(/\\\r?\n[ \t]*/g, ' ').split(/\r?\n/);
  const isHead = (line: string) => line.startsWith(target) && /^[ \t]*[^:=]*:(?!=)/.test(line.slice(target.length));
  const own: string[] = [];
  let found = false;
  for (const [at, line] of lines.entries()) {
    if (!isHead(line)) continue;
    found = true;
    const needs = line
      .slice(line.indexOf(':') + 1)
      .replace(/[#|;].*$/, '')
      .trim()
      .split(/\s+/)
      .filter(Boolean);
    own.push(...needs.flatMap((need) => ruleOf(text, { target: need, where }, seen)?.text ?? []));
    const body = lines.slice(at + 1);
    const end = body.findIndex((one) => one !== '' && !/^[ \t]/.test(one));
    own.push(...body.slice(0, end < 0 ? undefined : end).map((one) => one.trim().replace(/^[@+-]+/, '')));
  }
  return found ? { text: expanded(own.join('\n'), text), where } : null;
}

/** Plain variables of a Makefile by their values: `$(GO) test` is `go test`. */
function expanded(body: string, makefile: string): string {
  return body.replace(/\$[({](\w{1,40})[)}]/g, (whole, name: string) => {
    const value = new RegExp(`^${name}[ \\t]*[:?]?=[ \\t]*([^\\n$]*)$`, 'm').exec(makefile)?.[1];
    return value === undefined ? whole : value.trim();
  });
}

/** The `commands` of all sections of a tox.ini. */
function commandsOfIni(text: string): string[] {
  const blocks = text.matchAll(/^commands[ \t]*=([^\n]*(?:\n[ \t]+[^\n]*)*)/gm);
  // `py{311,312}-lint: ruff check`: a line for environments with such a factor alone.
  return [...blocks].flatMap(([, body = '']) =>
    body.split('\n').map((line) => line.trim().replace(/^[!\w.,{}-]{1,200}:[ \t]+(?=\S)/, '')),
  );
}
