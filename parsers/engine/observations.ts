import { type Edit, type Observation, severities } from '../../events/finding.ts';
import type { Draft } from '../define.ts';
import { fingerprint } from '../fingerprint.ts';
import { clip, detached, plain } from './plain-text.ts';
import { repeats } from './repeats.ts';
import type { Placed } from './repository-path.ts';

export const maxFindings = 20_000;
const maxRaw = 8192;
const maxLine = 2 ** 31 - 1;

export type Observations = {
  /** Whether it was new in this log. */
  add(draft: Draft, tool: string, at: PlaceOf): boolean;
  /** From now on what was found so far is not found again, also when another tool words it otherwise. */
  compareWithLog(): void;
  readonly kept: readonly Observation[];
  /** How many were left out once there were `maxFindings`. */
  cut(): number;
};

/** Where a path that was printed leads. */
export type PlaceOf = (printed: string) => Placed;

/** Drafts as observations that fit their schema; what a tool says twice in one log is kept once. */
export function observations(): Observations {
  const kept: Observation[] = [];
  const printed = repeats();
  const seen = repeats();
  let left = 0;
  let logged: Set<string> | null = null;
  return {
    kept,
    cut: () => left,
    compareWithLog() {
      logged ??= new Set(kept.flatMap(looseKeys));
    },
    add(draft, tool, at) {
      // What is repeated word for word is known before any work is done on it.
      if (printed.has(draft, tool)) return false;
      if (kept.length >= maxFindings) {
        left += 1;
        return true;
      }
      printed.add(draft, tool);
      const observation = copied(observe(draft, tool, at));
      // Without a place two that were printed in different files would look alike.
      const isPlaced = observation.file !== null || !draft.file;
      if (isPlaced && seen.has(observation, observation.tool)) return false;
      if (isPlaced) seen.add(observation, observation.tool);
      if (logged !== null && looseKeys(observation).some((loose) => logged?.has(loose))) return false;
      kept.push(observation);
      return true;
    },
  };
}

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

/** By its fingerprint, and a failing test also by its place: a report names what the log named otherwise. */
function looseKeys({ kind, file, line, code, package: name, installed_version, fingerprint }: Observation): string[] {
  if (kind === 'recipe_fail' || (file === null && code === null)) return [];
  const keys = [`${fingerprint}|${name ?? ''}|${installed_version ?? ''}`];
  if (kind === 'test_fail' && file !== null && line !== null) keys.push(`${file}|${line}`);
  return keys;
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
