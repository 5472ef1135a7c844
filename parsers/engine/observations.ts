import { type Edit, type Observation, severities } from '../../events/finding.ts';
import type { Draft } from '../define.ts';
import { fingerprint } from '../fingerprint.ts';
import { clip, detached, plain } from './plain-text.ts';
import { repeats } from './repeats.ts';
import type { Placed } from './repository-path.ts';
import { areOne, keysOf, type TestName, testName } from './test-identity.ts';

export const maxFindings = 20_000;
const maxRaw = 8192;
const maxLine = 2 ** 31 - 1;

export type Observations = {
  /**
   * What was kept of it, or null. What another source told already is not, also when it words it otherwise; but what a log
   * says takes the place of what a file said of the same, and `withdrawn` of that one is called.
   */
  add(draft: Draft, tool: string, at: PlaceOf, source?: Source, withdrawn?: () => void): Kept | null;
  readonly kept: readonly Observation[];
  /** How many were left out once there were `maxFindings`. */
  cut(): number;
};

/** A finding that was kept, as long as nobody told it better. */
export type Kept = {
  /** Takes it back. */
  drop(): void;
  /** Another tool told it, as is known by now. */
  rename(tool: string): void;
};

/** Who tells: a parser, reading the log or a result file. Sources of which one is a file may tell of one thing. */
type Source = { readonly parser: string; readonly isFile: boolean };

/** Where a path that was printed leads. */
type PlaceOf = (printed: string) => Placed;

/** Drafts as observations that fit their schema; what a tool says twice in one log is kept once. */
export function observations(): Observations {
  const kept: (Observation | null)[] = [];
  /** Apart: what a file said does not keep the log from saying it too. */
  const said = { log: [repeats(), repeats()], file: [repeats(), repeats()] } as const;
  let left = 0;
  const others = told();
  const withdrawals: ((() => void) | undefined)[] = [];
  const handle = (place: number): Kept => {
    const own = kept[place];
    const change = (to: (one: Observation) => Observation | null) => {
      if (own && kept[place] === own) kept[place] = to(own);
    };
    return {
      drop: () => change(() => null),
      rename: (tool) => change((one) => ({ ...one, tool: plain(tool, 64) })),
    };
  };
  return {
    get kept() {
      return kept.filter((one) => one !== null);
    },
    cut: () => left,
    add(draft, tool, at, source = { parser: tool, isFile: false }, withdrawn) {
      const [printed, seen] = source.isFile ? said.file : said.log;
      // What is repeated word for word is known before any work is done on it.
      if (printed.has(draft, tool)) return null;
      if (kept.length >= maxFindings) {
        left += 1;
        return beyond;
      }
      printed.add(draft, tool);
      const observation = copied(observe(draft, tool, at));
      // Without a place two that were printed in different files would look alike.
      const isPlaced = observation.file !== null || !draft.file;
      if (isPlaced && seen.has(observation, observation.tool)) return null;
      if (isPlaced) seen.add(observation, observation.tool);
      const same = others.find(observation, source);
      if (same !== null && (source.isFile || !same.isFile)) return null;
      others.add(observation, source, same?.place ?? kept.length);
      if (same !== null) {
        withdrawals[same.place]?.();
        kept[same.place] = observation;
        return handle(same.place);
      }
      withdrawals[kept.length] = withdrawn;
      kept.push(observation);
      return handle(kept.length - 1);
    },
  };
}

/** One of too many. */
const beyond: Kept = { drop: () => {}, rename: () => {} };

/** Strings cut out of the log would keep all of it alive; the fingerprint and `raw_json` are made here. */
function copied(one: Observation): Observation {
  const copy = (value: string | null) => (value === null ? null : detached(value));
  return {
    ...one,
    tool: detached(one.tool),
    tool_severity: copy(one.tool_severity),
    tool_code: copy(one.tool_code),
    file: copy(one.file),
    code: copy(one.code),
    message: detached(one.message),
    suggested_fix: copy(one.suggested_fix),
    package: copy(one.package),
    installed_version: copy(one.installed_version),
    fixed_version: copy(one.fixed_version),
    aliases: one.aliases.map(detached),
    url: copy(one.url),
    edits: one.edits.map((edit) => ({ ...edit, file: detached(edit.file), text: detached(edit.text) })),
  };
}

/** What a source told under one key: where it is kept, each time that it told it. */
type Told = { readonly isFile: boolean; readonly places: number[] };

/** Tests whose names end alike. */
const mostAlike = 200;

/** What each source told, by keys that do not depend on its words. */
function told() {
  const sources = new Map<string, Map<string, Told>>();
  const taken = new Map<string, number>();
  /** Failing tests by the last word of their name. */
  const tests = new Map<string, { name: TestName; id: string; isFile: boolean; place: number; pairs: Set<string> }[]>();
  const testOf = ({ kind, code, file, message }: Observation) =>
    kind === 'test_fail' && code !== null ? testName(code, file, message) : null;
  const idOf = ({ parser, isFile }: Source) => `${isFile ? 'file' : 'log'} ${parser}`;
  const othersAt = (key: string, source: Source) =>
    [...(sources.get(key) ?? [])].filter(([id, one]) => id !== idOf(source) && (source.isFile || one.isFile));
  return {
    /** The same as another source told it, or null. */
    find(observation: Observation, source: Source): { readonly isFile: boolean; readonly place: number } | null {
      for (const key of looseKeys(observation))
        for (const [, { isFile, places }] of othersAt(key, source)) return { isFile, place: places[0] ?? 0 };
      const key = nameKey(observation);
      // Two tests of one name in a file are two, as often as the other source told of them.
      for (const [id, { isFile, places }] of key === null ? [] : othersAt(key, source)) {
        const pair = `${idOf(source)} ${id} ${key}`;
        const used = taken.get(pair) ?? 0;
        const place = places[used];
        if (place === undefined) continue;
        taken.set(pair, used + 1);
        return { isFile, place };
      }
      const name = testOf(observation);
      const same = name === null ? [] : keysOf(name).flatMap((key) => tests.get(key) ?? []);
      // Each of them is told once by each source.
      const own = idOf(source);
      const one = same.find(
        (each) =>
          each.id !== own &&
          (source.isFile || each.isFile) &&
          !each.pairs.has(own) &&
          name !== null &&
          areOne(each.name, name),
      );
      one?.pairs.add(own);
      return one === undefined ? null : { isFile: one.isFile, place: one.place };
    },
    add(observation: Observation, source: Source, place: number): void {
      const name = nameKey(observation);
      for (const key of [...looseKeys(observation), ...(name === null ? [] : [name])]) {
        const own = sources.get(key) ?? new Map<string, Told>();
        sources.set(key, own);
        const before = own.get(idOf(source));
        if (before === undefined) own.set(idOf(source), { isFile: source.isFile, places: [place] });
        else before.places.push(place);
      }
      const test = testOf(observation);
      if (test === null) return;
      const named = { ...test, words: detached(test.words), own: detached(test.own), message: detached(test.message) };
      const one = { name: named, id: idOf(source), isFile: source.isFile, place, pairs: new Set<string>() };
      for (const key of keysOf(named)) {
        const all = tests.get(key) ?? [];
        if (all.length < mostAlike) all.push(one);
        tests.set(detached(key), all);
      }
    },
  };
}

/** By its fingerprint, and a failing test also by its place: a report names what the log named otherwise. */
function looseKeys({ kind, file, line, code, package: name, installed_version, fingerprint }: Observation): string[] {
  if (kind === 'recipe_fail' || (file === null && code === null)) return [];
  const keys = [`${fingerprint}|${name ?? ''}|${installed_version ?? ''}`];
  if (kind === 'test_fail' && file !== null && line !== null) keys.push(`${file}|${line}`);
  return keys;
}

/** A failing test by its file and its own name, without those around it: sources name the suites in many ways. */
function nameKey({ kind, file, code }: Observation): string | null {
  if (kind !== 'test_fail' || file === null || code === null) return null;
  const whole = code.split(/ > | \u203a |::/).at(-1) ?? code;
  const [, head = whole, row = ''] = /^([\w$.]{1,400})([[(].{0,400})$/.exec(whole) ?? [];
  const own = /^[\w$.]+$/.test(head) ? (head.split('.').at(-1) ?? head) : head;
  return `${file}\n${own}${row}`;
}

function observe(draft: Draft, tool: string, at: PlaceOf): Observation {
  const file = draft.file ? at(draft.file).file : null;
  const line = file === null ? null : counted(draft.line);
  const code = optional(draft.code, 512);
  const endLine = line === null ? null : counted(draft.end_line);
  return {
    kind: draft.kind,
    // One that no table of the parser knew is none.
    severity: severities.includes(draft.severity) ? draft.severity : 'warn',
    tool: plain(tool, 64),
    tool_severity: optional(draft.tool_severity, 64),
    tool_code: optional(draft.tool_code, 512) ?? code,
    file,
    line,
    column: line === null ? null : counted(draft.column),
    end_line: endLine !== null && line !== null && endLine < line ? null : endLine,
    code,
    message: plain(draft.message, 8192),
    suggested_fix: optional(draft.suggested_fix, 4096),
    fingerprint: fingerprint({ kind: draft.kind, file, line, code }),
    package: optional(draft.package, 256),
    installed_version: optional(draft.installed_version, 128),
    fixed_version: optional(draft.fixed_version, 256),
    aliases: [...new Set((draft.aliases ?? []).map((alias) => plain(alias, 128)))].slice(0, 32),
    url: link(draft.url),
    edits: editsOf(draft.edits ?? [], at),
    raw_json: rawOf(draft),
  };
}

function optional(value: string | null | undefined, max: number): string | null {
  if (value === null || value === undefined) return null;
  const text = plain(value, max);
  return text === '' ? null : text;
}

function counted(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && Number.isInteger(value) && value >= 1 && value <= maxLine
    ? value
    : null;
}

/** Only links for a browser: a tool's output is no place to take `javascript:` from. */
function link(value: string | null | undefined): string | null {
  return value && value.length <= 2048 && /^https?:\/\/[^\s"'<>]+$/.test(value) ? value : null;
}

/** All edits of a fix, or none: half a fix breaks the file. */
function editsOf(edits: readonly Edit[], at: PlaceOf): Edit[] {
  if (edits.length > 64) return [];
  const whole: Edit[] = [];
  for (const edit of edits) {
    const { file, state } = at(edit.file);
    if (file === null || state !== 'inside' || edit.text.length > 16_384 || !isPlace(edit.start) || !isPlace(edit.end))
      return [];
    whole.push({ ...edit, file, text: edit.text.toWellFormed() });
  }
  return whole;
}

function isPlace(place: Edit['start']): boolean {
  if ('offset' in place) return Number.isSafeInteger(place.offset) && place.offset >= 0;
  return counted(place.line) !== null && counted(place.column) !== null;
}

function rawOf(draft: Draft): string {
  let raw: string | undefined;
  try {
    raw = JSON.stringify(typeof draft.raw === 'string' ? { text: draft.raw } : draft.raw)?.toWellFormed();
  } catch {
    // Nested too deeply to be written.
  }
  if (raw !== undefined && raw.length <= maxRaw) return raw;
  const { kind, severity, code, file, line } = draft;
  const short = (value: string | null | undefined) => (value ? clip(value.toWellFormed(), 512) : null);
  return JSON.stringify({
    truncated: true,
    kind,
    severity,
    code: short(code),
    file: short(file),
    line: line ?? null,
    // An escape takes up to six characters.
    message: clip(draft.message.toWellFormed(), 256),
  });
}
