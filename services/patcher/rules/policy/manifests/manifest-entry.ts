/** One setting of a manifest: where it stands, as `section.key`, and all of its value with white space folded. */
export type Entry = { readonly place: string; readonly value: string; readonly line: number };

/** The settings of a file with `[sections]` and `key = value`, values over several lines included. Never throws. */
export function settingsOf(lines: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  let section = '';
  let open: { place: string; value: string; line: number; depth: number } | null = null;
  for (const [index, raw] of lines.entries()) {
    const text = raw.slice(0, 4000);
    const line = text.replace(/^\s{0,200}[#;].*$/, '').trim();
    if (line === '') continue;
    const further = open !== null && (open.depth > 0 || /^\s/.test(text));
    if (open !== null && further) {
      open.value += ` ${line}`;
      open.depth += depthOf(line);
      continue;
    }
    if (open !== null) entries.push(open);
    open = null;
    const header = /^\[{1,2}([^[\]]{1,200})\]{1,2}/.exec(line);
    if (header !== null) {
      section = (header[1] ?? '').replace(/["'\s]/g, '').toLowerCase();
      entries.push({ place: section, value: '', line: index + 1 });
      continue;
    }
    const equals = line.search(/[=:]/);
    const key = (equals < 0 ? line : line.slice(0, equals)).replace(/["'\s]/g, '').toLowerCase();
    const value = equals < 0 ? '' : line.slice(equals + 1);
    open = { place: section === '' ? key : `${section}.${key}`, value, line: index + 1, depth: depthOf(value) };
  }
  if (open !== null) entries.push(open);
  return entries.map(({ place, value, line }) => ({ place, value: folded(value), line }));
}

/** The settings of a JSON file down to the second level; null when it is not an object. Never throws. */
export function membersOf(text: string): Entry[] | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return null;
    return Object.entries(value).flatMap(([key, member]) =>
      isObject(member)
        ? Object.entries(member).map(([inner, one]) => ({
            place: `${key}.${inner}`,
            value: JSON.stringify(one),
            line: 1,
          }))
        : [{ place: key, value: JSON.stringify(member), line: 1 }],
    );
  } catch {
    return null;
  }
}

/** The entries that are in one list and not in the other. */
export function entriesBeside(entries: readonly Entry[], others: readonly Entry[]): Entry[] {
  const known = new Set(others.map(({ place, value }) => `${place}\0${value}`));
  return entries.filter(({ place, value }) => !known.has(`${place}\0${value}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function depthOf(text: string): number {
  const bare = text.replace(/"[^"\n]*"|'[^'\n]*'/g, '');
  return (bare.match(/[[{(]/g)?.length ?? 0) - (bare.match(/[\]})]/g)?.length ?? 0);
}

function folded(value: string): string {
  return value
    .replace(/'/g, '"')
    .replace(/\s+/g, '')
    .replace(/,(?=[\]})])/g, '');
}
