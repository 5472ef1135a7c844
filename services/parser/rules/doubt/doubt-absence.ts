import type { FindingKind } from '../../../../events/finding.ts';
import type { Tool } from '../../../../parsers/tools/define.ts';
import { toolNamed, tools } from '../../../../parsers/tools/registry.ts';
import { type SettingsPart, settingsPart } from '../../../../parsers/tools/settings-of.ts';
import type { Directive } from '../../../patcher/rules/policy/suppressions/directives.ts';
import { normalised } from '../identify-findings.ts';
import { commandChange, partOfCommand, reachOf } from '../scripts/command-change.ts';
import { type Meaning, type Subject, settingsChange } from './settings-change.ts';
import { placesOf, type ReadSource, readSource, silencersAt, silencersIn } from './standing-line.ts';
import { doubtLook, isDependencyFile, otherVersion } from './unlooked.ts';

/** A text of a file at two commits; null where it was not there, undefined where it could not be read. */
export type Versions = readonly [then: string | null | undefined, now: string | null | undefined];

/** What is known about a finding that a tool no longer shows. What is optional is not known where it is left out. */
export type AbsenceFacts = {
  readonly tool: string;
  readonly kind?: FindingKind;
  /** Names of its rule or advisory, of whatever is known: codes, aliases. */
  readonly names?: readonly string[];
  readonly file?: string | null;
  readonly package?: string | null;
  readonly installedVersion?: string | null;
  readonly subproject?: string;
  /** Where its file was when it was seen; `file` where left out. */
  readonly was?: string | null;
  /** Whether the tool named the file as looked at, or told of another finding in it; null when it lists no such files. */
  readonly looked?: boolean | null;
  /** The text of the finding's line when it was seen, with white space folded; null when it was never known. */
  readonly line: string | null;
  /** The lines of its file at the new commit; null when the file is gone. */
  readonly linesNow: readonly string[] | null;
  /** The lines of its file where it was last seen; null when they are not known. */
  readonly linesThen?: readonly string[] | null;
  /** The file is there, or may be, and could not be read. */
  readonly unreadable?: boolean;
  /** Files that changed between the commit where it was last seen and the new one. */
  readonly changed: ReadonlySet<string>;
  /** The two commits could not be compared. */
  readonly uncompared?: boolean;
  /** They were not compared this time. */
  readonly unasked?: boolean;
  /** More files changed than were asked for lines that went. */
  readonly untraced?: boolean;
  /** What a changed file of settings held and holds. */
  readonly versionsOf?: (path: string) => Versions;
  readonly commandThen: string;
  readonly commandNow: string;
  /** Variables of the recipe that are not as when it was seen: any of them may hold options or files. */
  readonly variables?: readonly string[];
  /** Scripts start the tool in another way than when it was seen. */
  readonly otherWork?: boolean;
  /** Findings of the same rule on the same text that this run shows: so many of its places are accounted for. */
  readonly sameSeen?: number;
  /** This run shows other findings of the same rule: it is on. */
  readonly ruleSeen?: boolean;
  /** An earlier complete run did not show it, when all that it speaks of was as it had been. */
  readonly dropped?: boolean;
  /** An earlier complete run with the same settings and command did not show it either. */
  readonly settled?: boolean;
  /** As many tests ran as when it was seen. */
  readonly testsKept?: boolean;
  /** Tests are skipped, or expected to fail, that were not when it was seen: it may be one of them. */
  readonly maySkip?: boolean;
  /** Files that the command leads to. */
  readonly scripts?: ReadonlySet<string>;
  /** Files that settings of the tool take in by name, whatever they are called. */
  readonly included?: ReadonlySet<string>;
  /** A failure that was not there when it was seen may have kept the tool from coming to it. */
  readonly broken?: boolean;
  /** A script started the tool, and passes over with what it ended. */
  readonly likely?: boolean;
};

/**
 * Why a finding that a complete run no longer shows may still be there, or null. Doubt ends: when its line is gone, when
 * its rule is seen at work, or when a second complete run under the same settings does not show it either. Only what
 * silences it, as far as that can be read, keeps it open for as long as it stands.
 */
export function doubtAbsence(facts: AbsenceFacts): string | null {
  const { tool, kind = 'lint', linesNow } = facts;
  if (kind === 'recipe_fail') return null;
  const names = facts.names ?? [];
  if (facts.unreadable === true) return 'its source could not be read, so that a comment may silence it';
  if (facts.broken === true) return `${tool} met a failure that was not there before, and may not have come to it`;
  if (kind === 'test_fail' && facts.maySkip === true)
    return 'more tests are skipped or expected to fail than when it failed, and it may be one of them: it did not pass';
  if (facts.unasked === true) return 'it was last seen at another commit than most; a later run compares that one';
  if (facts.likely === true && facts.settled !== true)
    return `a script passes over with what ${tool} ended; the next complete run decides`;
  if (kind === 'lint') {
    if (linesNow === null && facts.line !== null) return doubtMove(facts);
    const source = linesNow === null ? null : readSource(facts.file ?? 'unknown', linesNow);
    const standing = source === null ? 'unknown' : standingOf(facts, source, names);
    if (standing === 'gone') return facts.untraced === true ? doubtMove(facts) : null;
    if (typeof standing === 'object') return `${tool} was silenced there: ${wordsOf(standing)}`;
  }
  if (kind === 'cve' && isMended(facts)) return null;
  const subject = { names: subjectNames(facts), file: facts.file ?? null };
  return doubtSettings(facts, subject) ?? doubtSilence(facts, subject);
}

/** Whether the tool was shown the file at all, where no settings speak of it. */
function doubtSilence(facts: AbsenceFacts, subject: Subject): string | null {
  const { kind = 'lint', file, linesNow, linesThen, subproject = '.', changed } = facts;
  const { tool: name, commandNow, commandThen } = facts;
  if (kind !== 'lint' || file == null || linesNow === null) return null;
  const tool = toolNamed(name);
  if (tool?.scope === undefined) return null;
  const was = facts.was ?? file;
  const doubt = doubtLook({
    ...{
      tool,
      names: subject.names,
      file,
      was,
      changed,
      looked: facts.looked ?? null,
      dropped: facts.dropped === true,
    },
    same:
      linesThen == null
        ? null
        : linesThen.length === linesNow.length && linesThen.every((one, at) => one === linesNow[at]),
    reach: reachOf(tool, commandNow, { was, now: file, subproject }),
    otherWork:
      facts.uncompared === true ||
      commandThen !== commandNow ||
      settingsChanges(facts, subject, tool, true).length > 0 ||
      [...changed].some(
        (path) => isDependencyFile(path) && otherVersion(tool, facts.versionsOf?.(path) ?? [undefined, undefined]),
      ),
  });
  return doubt === null || (doubt.ends && facts.settled === true)
    ? null
    : `${doubt.why}${doubt.ends ? '; the next complete run decides' : ''}`;
}

/** Its file is not where it was: it may stand elsewhere. */
function doubtMove({ uncompared = false, untraced = false, settled = false }: AbsenceFacts): string | null {
  if (settled || (!uncompared && !untraced)) return null;
  if (uncompared) return 'the commit where it was seen could not be compared; the next complete run decides';
  return 'so many files changed that its line was not looked for in all of them; the next complete run decides';
}

function wordsOf({ text }: Directive): string {
  return normalised(text).slice(0, 120);
}

function subjectNames({ names = [], package: name }: AbsenceFacts): string[] {
  return [...names, ...(name ? [name] : [])];
}

/** Whether its line is gone, which directive silences it there, or that it stands there as it did. */
function standingOf(facts: AbsenceFacts, source: ReadSource, names: readonly string[]): 'gone' | 'there' | Directive {
  const { tool, line, linesThen, sameSeen = 0 } = facts;
  const about = { tool, names };
  const before = linesThen ? readSource(facts.file ?? 'unknown', linesThen) : null;
  if (line === null || line === '') {
    const old = before === null ? [] : silencersIn(before, about);
    return without(silencersIn(source, about), old)[0] ?? 'there';
  }
  const places = placesOf(line, source);
  if (places.length === 0) return 'gone';
  const old =
    before === null
      ? inLine(facts, line, about)
      : placesOf(line, before).flatMap((place) => silencersAt(before, place, about));
  const open = places.filter((place) => without(silencersAt(source, place, about), old).length === 0);
  const silenced = places.find((place) => !open.includes(place));
  if (open.length <= sameSeen && silenced === undefined) return 'gone';
  if (silenced === undefined) return 'there';
  return without(silencersAt(source, silenced, about), old)[0] ?? 'there';
}

/** What silenced a line in itself when it was seen: it was shown all the same. */
function inLine({ file }: AbsenceFacts, line: string, about: { tool: string; names: readonly string[] }): Directive[] {
  const alone = readSource(file ?? 'unknown', [line]);
  return silencersAt(alone, { from: 0, to: 0 }, about);
}

function without(all: readonly Directive[], known: readonly Directive[]): Directive[] {
  const texts = new Set(known.map((one) => `${one.reach} ${normalised(one.text)}`));
  return all.filter((one) => !texts.has(`${one.reach} ${normalised(one.text)}`));
}

/** Whether the package no longer stands in its file in the version that was found. */
function isMended({ package: name, installedVersion, linesThen, linesNow }: AbsenceFacts): boolean {
  if (!name || !linesNow || !linesThen) return linesNow === null && Boolean(linesThen);
  const own = name.slice(name.lastIndexOf(':') + 1);
  const names = (lines: readonly string[]) => lines.flatMap((line, at) => (line.includes(own) ? [at] : []));
  if (names(linesThen).length === 0) return false;
  const version = installedVersion?.replace(/^v/, '');
  const holds = (lines: readonly string[]) =>
    names(lines).some((at) => version === undefined || lines.slice(at, at + 6).some((line) => line.includes(version)));
  return names(linesNow).length === 0 || (holds(linesThen) && !holds(linesNow));
}

function doubtSettings(facts: AbsenceFacts, subject: Subject): string | null {
  const { tool, line, ruleSeen = false, settled = false } = facts;
  const where = line === null || line === '' ? '' : ' and the line is still there';
  if (facts.otherWork === true)
    return `scripts start ${tool} in another way${where}: it may no longer look for that, or there`;
  const { variables = [] } = facts;
  const isKept = facts.kind === 'test_fail' && facts.testsKept === true;
  if (variables.length > 0 && !isKept)
    return `the recipe's environment changed (${wordsIn(variables)})${where}: ${tool} may no longer look for that, or there`;
  const known = toolNamed(tool);
  const command = commandChange(known, facts.commandThen, facts.commandNow, subject);
  if (isSilencing(command, ruleSeen))
    return `the command of ${tool} changed${where}: it may no longer look for that, or there`;
  const changes = settingsChanges(facts, subject, known);
  const silencing = changes.find(({ meaning }) => isSilencing(meaning, ruleSeen));
  if (silencing) return `${silencing.path} changed${where}: its rule may be switched off, or its file passed over`;
  if (ruleSeen || settled || isKept) return null;
  if (command !== 'none') return `the command of ${tool} changed${where}; the next complete run decides`;
  if (facts.uncompared === true)
    return 'the commit where it was seen could not be compared; the next complete run decides';
  const [first] = changes;
  return first ? `${first.path} changed${where}: its rule may be switched off; the next complete run decides` : null;
}

function wordsIn(names: readonly string[]): string {
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}`.slice(0, 200);
}

/** A rule that is seen at work is on, wherever it was named; a file may be passed over all the same. */
function isSilencing(meaning: Meaning, ruleSeen: boolean): boolean {
  return meaning === 'place' || (meaning === 'rule' && !ruleSeen);
}

type Change = { readonly path: string; readonly meaning: Meaning };

/** `ownAlone`: of what the tool reads itself, and not of scripts and build files around it. */
function settingsChanges(facts: AbsenceFacts, subject: Subject, known: Tool | undefined, ownAlone = false): Change[] {
  const changes = [...facts.changed].flatMap((path): Change[] => {
    const own = ownAlone ? partOf(known, path) : partIn(known, path, facts.commandNow, facts.subproject ?? '.');
    const part =
      own ??
      (facts.included?.has(path) === true ? 'file' : null) ??
      (!ownAlone && facts.scripts?.has(path) === true ? 'build' : null);
    if (part === null || path === facts.file) return [];
    const [then, now] = facts.versionsOf?.(path) ?? [undefined, undefined];
    // What cannot be read may say anything.
    if (then === undefined || now === undefined) return [{ path, meaning: 'other' }];
    const meaning = settingsChange(path, part, [then, now], subject);
    return meaning === 'none' ? [] : [{ path, meaning: inScope(path, facts) ? meaning : 'other' }];
  });
  return changes;
}

/** The file as the tool reads it; a tool that is known by its name alone may read what any tool reads. */
function partOf(known: Tool | undefined, path: string): SettingsPart | null {
  if (known === undefined) return tools.map((tool) => settingsPart(tool, path)).find((part) => part !== null) ?? null;
  const borrowed = (known.obeys ?? []).includes('editorconfig') ? toolNamed('editorconfig') : undefined;
  return settingsPart(known, path) ?? (borrowed ? settingsPart(borrowed, path) : null);
}

/** The same, with what the command reads of it beside the tool. */
function partIn(known: Tool | undefined, path: string, command: string, subproject: string): SettingsPart | null {
  const [own, started] = [partOf(known, path), partOfCommand(command, path, subproject)];
  if (own !== null && started !== null && typeof own === 'object' && typeof started === 'object')
    return { tables: [...own.tables, ...started.tables] };
  return own ?? started;
}

const forSettings =
  /^(?:\.[\w-]+|conf|config|configs|configuration|etc|tools?|tooling|build|ci|gradle|qa|lint|quality|checkstyle|detekt|spotbugs|pmd|resources|eslint|phpstan|psalm)$/;

/** Settings count for what lies beneath their folder; folders that hold nothing but settings count for what is beside them. */
function inScope(path: string, { file, subproject = '.' }: AbsenceFacts): boolean {
  const folders = path.split('/').slice(0, -1);
  while (folders.length > 0 && forSettings.test(folders.at(-1) ?? '')) folders.pop();
  const root = folders.join('/');
  const within = (inner: string | null | undefined) =>
    root === '' || inner === root || (inner ?? '').startsWith(`${root}/`);
  return within(file) || (subproject !== '.' && within(subproject)) || (file === null && within(subproject));
}

/** Whether a tool itself reads a file to know what to say. */
export const isOwnSettings = (tool: string, path: string): boolean => partOf(toolNamed(tool), path) !== null;

/** Whether a file decides what a tool says, or is read by the command that starts it. */
export function isSettings(tool: string, path: string, command: string, subproject: string): boolean {
  return partIn(toolNamed(tool), path, command, subproject) !== null;
}

/** Who reads a file of settings. */
type SettingsReader = {
  readonly tool: string;
  readonly command: string;
  readonly subproject: string;
  /** Its command leads to the file. */
  readonly isScript: boolean;
};

/** Whether the difference between two versions of a file means nothing to a tool. */
export function sameSettings(
  { tool, command, subproject, isScript }: SettingsReader,
  path: string,
  [then, now]: Versions,
): boolean {
  const part = partIn(toolNamed(tool), path, command, subproject) ?? (isScript ? 'build' : null);
  if (part === null) return true;
  if (then === undefined || now === undefined) return false;
  return settingsChange(path, part, [then, now], { names: [], file: null }) === 'none';
}
