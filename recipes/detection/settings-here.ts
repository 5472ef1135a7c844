import { posix } from 'node:path';
import { toolNamed } from '../../parsers/tools/registry.ts';
import type { Tree } from '../define.ts';
import { jsonData, tableAt, tomlData } from '../evidence/read-data.ts';
import { globMatches } from './path-glob.ts';
import { at } from './tree.ts';

// Every editor reads the one, and another program the other: they ask for no tool.
const forEditors = /(^|\/)(\.?editorconfig|[._]?typos\.toml)$/;

/** The file in a folder by which a project configures a tool, as the tool's card names it; null when there is none. */
export function settingsHere(tool: string, folder: string, tree: Tree): string | null {
  const card = toolNamed(tool);
  const { files = [], tables = {} } = card?.settings ?? {};
  // What it obeys beside its own names the other tool, and asks for no second one.
  const others = (card?.obeys ?? []).flatMap((other) => toolNamed(other)?.settings?.files ?? []);
  const inside = tree.files.filter(
    (file) =>
      isAt(file, folder) &&
      !forEditors.test(file) &&
      !others.some((glob) => globMatches(glob, posix.relative(folder, file))),
  );
  const own = inside.find((file) => files.some((glob) => globMatches(glob, posix.relative(folder, file))));
  if (own !== undefined) return own;
  for (const [name, keys] of Object.entries(tables)) {
    const file = at(folder, name);
    // The `extra` of a composer.json is everybody's.
    if (
      name !== 'composer.json' &&
      tree.files.includes(file) &&
      keys.some((key) => hasTable(tree.text(file), name, key))
    )
      return file;
  }
  return null;
}

/** The same in a folder or the nearest one above it. */
export function settingsAbove(tool: string, folder: string, tree: Tree): string | null {
  const here = settingsHere(tool, folder, tree);
  return here ?? (folder === '.' ? null : settingsAbove(tool, posix.dirname(folder), tree));
}

/** In the folder itself, or in one of those hidden ones that stand for it. */
function isAt(file: string, folder: string): boolean {
  const below = folder === '.' ? file : file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : null;
  return below !== null && /^(\.(github|config|cargo)\/)?[^/]+$/.test(below);
}

function hasTable(text: string, file: string, key: string): boolean {
  if (file.endsWith('.json')) return key in jsonData(text);
  if (!file.endsWith('.toml'))
    return new RegExp(`^\\[${key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace('\\*', '[^\\]\\n]*')}\\]`, 'm').test(
      text,
    );
  const path = key.split('.');
  const last = path.pop() ?? '';
  return last in tableAt(tomlData(text), ...path);
}
