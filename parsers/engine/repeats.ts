import { hash } from 'node:crypto';
import type { Draft } from '../define.ts';
import { detached } from './plain-text.ts';

/** What was said already, by all that tells one finding from another. */
type Repeats = {
  has(draft: Said, tool: string): boolean;
  add(draft: Said, tool: string): void;
};

type Said = Pick<Draft, 'kind' | 'code' | 'file' | 'line' | 'column' | 'package' | 'installed_version' | 'message'>;

type Printed = {
  readonly kind: Draft['kind'];
  readonly line: number | null;
  readonly column: number | null;
  readonly tool: string;
  readonly code: string | null;
  readonly package: string | null;
  readonly version: string | null;
  readonly message: string;
};

const longest = 600;
/** So many at one place are compared one by one. */
const mostAtOnePlace = 8;
const mostKept = 40_000;

/**
 * By file and place, so that for what is asked most often no string is built, copied or hashed: one key for each finding
 * would cost as much as reading the JSON that it stands in.
 */
export function repeats(): Repeats {
  const files = new Map<string, Map<number, Printed[]>>();
  /** Long ones, and those of a crowded place. */
  const rest = new Set<string>();
  let kept = 0;
  let latest = '';
  let latestPlaces: Map<number, Printed[]> | undefined;

  const placesOf = (draft: Said): Map<number, Printed[]> | undefined => {
    const name = draft.file ?? `\u0000${draft.code}\u0000${draft.package}`;
    // The findings of a file come together.
    if (latestPlaces === undefined || name !== latest) {
      latest = name;
      latestPlaces = files.get(name);
    }
    return latestPlaces;
  };
  return {
    has(draft, tool) {
      if (draft.message.length > longest) return rest.has(keyOf(draft, tool));
      const all = placesOf(draft)?.get(placeOf(draft));
      if (all === undefined) return false;
      for (const one of all) if (isSame(one, draft, tool)) return true;
      return all.length === mostAtOnePlace && rest.has(keyOf(draft, tool));
    },
    add(draft, tool) {
      if (kept >= mostKept) return;
      kept += 1;
      let places = draft.message.length > longest ? undefined : placesOf(draft);
      if (places === undefined && draft.message.length <= longest) {
        places = new Map();
        latest = detached(latest);
        latestPlaces = places;
        files.set(latest, places);
      }
      const all = places?.get(placeOf(draft)) ?? [];
      if (places === undefined || all.length === mostAtOnePlace) {
        rest.add(keyOf(draft, tool));
        return;
      }
      all.push(printed(draft, tool));
      places.set(placeOf(draft), all);
    },
  };
}

function placeOf({ line, column }: Said): number {
  return (line ?? 0) * 1024 + (column ?? 0);
}

function isSame(one: Printed, draft: Said, tool: string): boolean {
  return (
    one.line === (draft.line ?? null) &&
    one.column === (draft.column ?? null) &&
    one.message === draft.message &&
    one.code === (draft.code ?? null) &&
    one.kind === draft.kind &&
    one.tool === tool &&
    one.package === (draft.package ?? null) &&
    one.version === (draft.installed_version ?? null)
  );
}

/** Copies: strings cut out of the log would keep all of it alive. */
function printed(draft: Said, tool: string): Printed {
  const copy = (value: string | null | undefined) => (value === null || value === undefined ? null : detached(value));
  return {
    kind: draft.kind,
    line: draft.line ?? null,
    column: draft.column ?? null,
    tool: detached(tool),
    code: copy(draft.code),
    package: copy(draft.package),
    version: copy(draft.installed_version),
    message: detached(draft.message),
  };
}

function keyOf(draft: Said, tool: string): string {
  const { kind, code, file, line, column, package: name, installed_version: version, message } = draft;
  return hash('sha1', `${tool}|${kind}|${code}|${file}|${line}|${column}|${name}|${version}|${message}`, 'base64');
}
