import { parse as parseToml } from 'smol-toml';
import { parseDocument } from 'yaml';

/** What a file of settings holds; a broken one holds nothing. */
export type Data = Readonly<Record<string, unknown>>;

// A tool reads its own settings whatever they cost; for us such a text says nothing.
const longest = 256 * 1024;
/** Aliases of YAML multiply: more of them than this is an attack. */
const mostAliases = 100;

const yamlOf = (text: string): unknown =>
  parseDocument(text, { logLevel: 'silent' }).toJS({ maxAliasCount: mostAliases });

export function yamlData(text: string): Data {
  return dataOf(text, () => yamlOf(text));
}

export function tomlData(text: string): Data {
  return dataOf(text, () => parseToml(text));
}

export function jsonData(text: string): Data {
  return dataOf(text, () => JSON.parse(text));
}

/** The table at a path of keys; empty when there is none. */
export function tableAt(data: Data, ...keys: readonly string[]): Data {
  return keys.reduce<Data>((table, key) => objectOf(table[key]), data);
}

export function objectOf(value: unknown): Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function stringsOf(value: unknown): string[] {
  return listOf(value).filter((one) => typeof one === 'string');
}

function dataOf(text: string, read: () => unknown): Data {
  if (text === '' || isBeyond(text)) return {};
  try {
    return objectOf(read());
  } catch {
    return {};
  }
}

function isBeyond(text: string): boolean {
  return text.length > longest || /(?:[[{]\s*){60}|(?:- ){60}/.test(text);
}

/** Why a file of settings says nothing to us, in a few words; null where it does, or is of no format that is read. */
export function faultOf(path: string, text: string): string | null {
  const read = /\.ya?ml$/.test(path)
    ? yamlOf
    : /\.toml$/.test(path)
      ? parseToml
      : /(^|\/)(package|composer)\.json$/.test(path)
        ? JSON.parse
        : null;
  if (read === null || text === '') return null;
  if (isBeyond(text)) return 'it is too long or too deeply nested to be read';
  try {
    read(text);
    return null;
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `it cannot be read: ${line.slice(0, 200)}`;
  }
}
