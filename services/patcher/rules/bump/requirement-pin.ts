import type { VersionOrder } from './define.ts';

/** What a text that asks for a Python package says: exactly one version, or why it cannot be changed as text. */
export type Pin =
  | { readonly kind: 'exact'; readonly version: string; readonly withVersion: (to: string) => string }
  | { readonly kind: 'hashed' | 'range' };

const requirement = /^(\s{0,40}([A-Za-z0-9][\w.-]{0,100})\s{0,8}(?:\[[\w\s.,-]{0,200}\])?\s{0,8})(.{0,4000})$/;
const exact = /^(={2,3}\s{0,8})([^\s;#,\\*]{1,64})(\s*(?:[;#\\].*)?)$/;

/** PEP 503: case and the kind of separator make no difference. */
export function pythonName(text: string): string | null {
  const name = text.toLowerCase().replace(/[-_.]+/g, '-');
  return /^[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?$/.test(name) ? name : null;
}

/** The pin in `name[extra] == 1.2 ; marker  # comment`; null when it asks for another package, or for none. */
export function pinOf(text: string, name: string, order: VersionOrder): Pin | null {
  const found = requirement.exec(text);
  const [, before = '', written = '', rest = ''] = found ?? [];
  if (found === null || pythonName(written.replace(/[-_.]+$/, '')) !== name) return null;
  if (/--hash\b/.test(rest)) return { kind: 'hashed' };
  const [, operator, version, after] = exact.exec(rest) ?? [];
  if (version === undefined || order.read(version) === null) return { kind: 'range' };
  // A line that goes on may go on with hashes.
  if (/\\\s*$/.test(after ?? '')) return { kind: 'hashed' };
  return { kind: 'exact', version, withVersion: (to) => `${before}${operator}${to}${after}` };
}

/** The files that a requirements file includes, as it names them. */
export function includedFiles(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map(
      (line) => /^\s{0,20}(?:-r|-c|--requirement|--constraint)[\s=]{0,8}([\w./-]{1,200})\s*(?:#.*)?$/.exec(line)?.[1],
    )
    .filter((file) => file !== undefined);
}
