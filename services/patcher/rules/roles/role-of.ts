import { fileNames, type PathPattern } from '../../../../parsers/tools/file-names.ts';
import { globMatches } from '../../../../recipes/detection/path-glob.ts';
import { noSettings, type RoleFound, type RoleTable, type RunnerSettings } from './define.ts';
import { anywhere, roleTables } from './role-tables.ts';

type Row = { readonly pattern: PathPattern; readonly found: RoleFound };

const never: PathPattern = { test: () => false };
const rowsOf = ({ name, rows }: RoleTable): Row[] =>
  rows.map(([role, why, names]) => ({ pattern: fileNames(names) ?? never, found: { role, why, by: name } }));
const first = rowsOf(anywhere);
const others = roleTables.flatMap(rowsOf);
const endings = new Map(
  [anywhere, ...roleTables].flatMap(({ name, endings: all }) =>
    all.split(' ').map((ending) => [ending, name] as const),
  ),
);
const shadows = roleTables.flatMap(({ name, shadows = '', modules }) =>
  modules === undefined
    ? []
    : [{ name, names: new Set(shadows.split(' ')), ending: modules, folders: name === 'python' }],
);
const prose =
  /\.(?:md|markdown|mdx|rst|adoc|asciidoc|org|tex)$|(?:^|\/)(?:licen[cs]e|copying|notice|authors|contributors|changelog|changes|history|news|readme|security|contributing|code_of_conduct|todo)(?:\.txt)?$/i;
const testFolder = /(?:^|\/)(?:[Tt]ests?|[Ss]pecs?|__tests__|e2e|testing|[\w.-]{1,60}[._-]tests?|[\w.-]{1,60}Tests)\//;
/** Folders from which modules are loaded by their bare names. */
const importRoot = /^(?:(?:src|lib|python|app|tests?|spec|packages)\/)?/;

/**
 * The role of a path, relative to the root of its repository: what its ecosystem calls such files, and what the settings
 * of the runners at the base commit say. The strictest reading counts. Pure; takes time in proportion to the path.
 */
export function roleOf(path: string, settings: RunnerSettings = noSettings): RoleFound {
  const at = path.slice(0, 1024);
  const early = first.find(({ pattern }) => pattern.test(at));
  if (early !== undefined) return early.found;
  const loaded = shadowOf(at, settings);
  if (loaded !== null) return loaded;
  const late = others.find(({ pattern }) => pattern.test(at));
  const named = settings.named.find(({ glob }) => globMatches(glob, at) || at === glob || at.startsWith(`${glob}/`));
  // A runner's word makes a source a test, never a hook a source.
  if (named !== undefined && (late === undefined || late.found.role === 'test' || named.role === 'hook'))
    return { role: named.role, why: 'the settings of the runner name it', by: named.by };
  if (late !== undefined) return late.found;
  const ending = /\.([^./]{1,20})$/.exec(at)?.[1]?.toLowerCase() ?? '';
  const table = endings.get(ending);
  if (testFolder.test(at))
    return table === undefined
      ? { role: 'fixture', why: 'what tests read or compare with', by: anywhere.name }
      : { role: 'test', why: 'it lies in a folder of tests', by: table };
  if (prose.test(at)) return { role: 'documentation', why: 'it is read by people', by: anywhere.name };
  if (table !== undefined) return { role: 'source', why: 'code that is judged', by: table };
  return { role: 'data', why: 'nothing is known of such files', by: anywhere.name };
}

/** A module or a folder that a program would load in the place of a library, a tool or a dependency. */
function shadowOf(path: string, { folders, dependencies }: RunnerSettings): RoleFound | null {
  for (const folder of new Set(['.', ...folders])) {
    if (folder !== '.' && !path.startsWith(`${folder}/`)) continue;
    const inner = (folder === '.' ? path : path.slice(folder.length + 1)).replace(importRoot, '');
    const stem = (inner.split('/')[0] ?? '').replace(/\.[^.]{1,5}$/, '').toLowerCase();
    // A folder named like a library of Ruby or JavaScript takes nobody's place: those are asked for by their files.
    const isFile = !inner.includes('/');
    const by = shadows.find(
      ({ names, ending, folders }) => names.has(stem) && ending.test(path) && (isFile || folders),
    );
    if (by !== undefined)
      return { role: 'loaded_by_name', why: `${stem} is loaded by that name, and this in its place`, by: by.name };
    if (isFile && dependencies.has(stem.replaceAll('_', '-')) && /\.(?:py|rb|js|cjs|mjs)$/.test(inner))
      return {
        role: 'loaded_by_name',
        why: `${stem} is a dependency: this is loaded in its place`,
        by: 'the manifests',
      };
  }
  return null;
}
