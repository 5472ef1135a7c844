import type { Tool } from './define.ts';
import { fileNames, type PathPattern } from './file-names.ts';

/** What a file is to a tool: all of it, a list of what it passes over, a build file, or its own tables in a shared file. */
export type SettingsPart = 'file' | 'list' | 'build' | { readonly tables: readonly string[] };

type Names = {
  readonly file: PathPattern | null;
  readonly list: PathPattern | null;
  readonly build: PathPattern | null;
  readonly shared: readonly (readonly [PathPattern | null, readonly string[]])[];
};

const known = new WeakMap<Tool, Names>();

function namesOf(tool: Tool): Names {
  const { files = [], lists = [], builds = [], tables = {} } = tool.settings ?? {};
  const names = known.get(tool) ?? {
    file: fileNames(files),
    list: fileNames(lists),
    build: fileNames(builds),
    shared: Object.entries(tables).map(([name, own]) => [fileNames([name]), own] as const),
  };
  known.set(tool, names);
  return names;
}

/** What the file at a path is to a tool; null when the tool does not read it. */
export function settingsPart(tool: Tool, path: string): SettingsPart | null {
  const { file, list, build, shared } = namesOf(tool);
  if (list?.test(path)) return 'list';
  if (file?.test(path)) return 'file';
  const own = shared.find(([name]) => name?.test(path));
  if (own) return { tables: own[1] };
  return build?.test(path) ? 'build' : null;
}

/** Whether a setting, as `section.key`, lies in one of these tables. A table may end in `*`. */
export function inTables(place: string, tables: readonly string[]): boolean {
  const at = place.toLowerCase().replaceAll(' ', '');
  return tables.some((table) => {
    const own = table.toLowerCase().replaceAll(' ', '');
    if (own.endsWith('*')) return at.startsWith(own.slice(0, -1));
    return at === own || at.startsWith(`${own}.`);
  });
}
