import { inTables, type SettingsPart } from '../../../../parsers/tools/settings-of.ts';
import { coversFile, matchesName } from '../glob-match.ts';
import { entriesOf, type SettingEntry } from './settings-entries.ts';

/** What a setting could speak of: the rule or advisory, and the place of a finding. */
export type Subject = {
  /** The names of its rule, or of its advisory and package. */
  readonly names: readonly string[];
  readonly file: string | null;
};

/**
 * What a change of settings means for a finding that is no longer shown. `none`: nothing. `other`: it says nothing of it.
 * `rule`: it may have switched its rule off. `place`: it may have taken its file out of sight.
 */
export type Meaning = 'none' | 'other' | 'rule' | 'place';

const ignoring =
  /ignor|disabl|exclu|skip|suppress|allow|omit|except|deselect|nowarn|not?[-_]?check|baseline|whitelist|mute|silenc/i;
const selecting = /select|enabl|only|includ|checks|rules|linters|tests|sniffs|categories|checkers/i;
/** One of them names all that is on. */
const exclusive = /^(?:select|only|only[-_]rules|enable[-_]only|checks|tests|sniffs|include[-_]rules|categories)$/i;
/** Values of these turn many rules on and off at once, and name none of them. */
const switches =
  /^(?:extends?|inherit\w*|presets?|level|error-?level|severity|min\w*severity|fail\w*|confidence|standard|profile|strict\w*|default\w*|disable-?all|enable-?all|recommended|includes?|import|ruleset|lowers|config|quality|warn\w*|check\w*|report\w*|no[A-Z]\w*|disallow\w*|ignore_\w+|follow_\w+|skip\w*|effort|threshold|max-?warnings|linter|plugins-off|root|domains|[\w-]*level)$/i;
/** Sets of rules by name. */
const sets = /recommended|\bconfigs?\.|preset|\bairbnb\b|\bstrict\b|^plugin:|^(?:eslint|stylelint|biome|p|r)[:/]/i;
/** Flags of compilers that keep all or most warnings quiet, and those that ask for them. */
const hushes =
  /^(?:[-/]w|-Wno-(?:all|extra|everything|pedantic)|[-/]W[0-2]|-nowarn|-Xlint:(?:none|-all)|--no-warnings|-suppress-warnings|--cap-lints|warning_level=[01])$/;
const warns =
  /^(?:-W(?:all|extra|everything|pedantic|most)|-pedantic|[-/]W(?:[1-4]|X)|\/Wall|-Xlint(?::all)?|-warnings?-as-errors|warning_level=(?:[1-3]|everything))$/;
const off = /^(?:off|null|0|false|ignored?|disabled?|none|allow|no|suppress|warn-off)$/i;
const on = /^(?:error|warn|warning|info|1|2|true|on|yes|deny|forbid|enabled?|fatal)$/i;
/** A value of a switch that can be compared: higher is more. */
const rank = (word: string) => (/^\d{1,3}$/.test(word) ? Number(word) : word === 'max' ? 1000 : null);
const all = /^(?:\*|\*\*|\*\*\/\*|all|\.|\.\/|\/)$/i;
const place = /(?:file|path|dir|folder|source|src|root|test-?paths|include|exclude)/i;

/** What the difference between two contents of a file of settings means; null for a file that was not there. */
export function settingsChange(
  path: string,
  part: SettingsPart,
  [then, now]: readonly [string | null, string | null],
  subject: Subject,
): Meaning {
  const key = JSON.stringify([path, part, then, now]);
  const before = known.get(key);
  if (before !== undefined) return meaningOf(before, subject, part === 'list');
  const read = (text: string | null) => {
    if (text === null) return [];
    const entries = entriesOf(path, text, part === 'list');
    if (typeof part !== 'object') return part === 'build' ? entries.filter((one) => !isVersion(one)) : entries;
    return entries.filter(({ keys }) => inTables(keys.join('.'), part.tables));
  };
  const difference = compare(read(then), read(now));
  if (known.size >= mostKnown) known.clear();
  known.set(key, difference);
  return meaningOf(difference, subject, part === 'list');
}

/** What was compared last: many findings of one run are asked about under the same few settings. */
const known = new Map<string, Difference>();
const mostKnown = 64;
/** Changed settings that are looked at. */
const mostChanges = 2_000;

type Difference = {
  readonly added: readonly SettingEntry[];
  readonly removed: readonly SettingEntry[];
  readonly now: readonly SettingEntry[];
  /** The entries under the same keys. */
  readonly beside: (keys: readonly string[], when: 'before' | 'now') => readonly SettingEntry[];
};

function compare(then: readonly SettingEntry[], now: readonly SettingEntry[]): Difference {
  const keyOf = ({ keys, word }: SettingEntry) => `${keys.join('\0')}\0\0${word}`;
  const [before, after] = [new Set(then.map(keyOf)), new Set(now.map(keyOf))];
  const byKeys = { before: grouped(then), now: grouped(now) };
  return {
    added: now.filter((one) => !before.has(keyOf(one))).slice(0, mostChanges),
    removed: then.filter((one) => !after.has(keyOf(one))).slice(0, mostChanges),
    now,
    beside: (keys, when) => byKeys[when].get(keys.join('\0')) ?? [],
  };
}

function grouped(entries: readonly SettingEntry[]): Map<string, SettingEntry[]> {
  return Map.groupBy(entries, ({ keys }) => keys.join('\0'));
}

/** Build files name versions of everything. */
function isVersion({ keys, word }: SettingEntry): boolean {
  return /version|dependenc|modelVersion|^id$/i.test(keys.at(-1) ?? '') || /^\^?~?v?\d+(?:\.\d+)+/.test(word);
}

/** The same for settings that stand elsewhere, as in a command. */
export function entriesChange(
  then: readonly SettingEntry[],
  now: readonly SettingEntry[],
  subject: Subject,
  isList = false,
): Meaning {
  return meaningOf(compare(then, now), subject, isList);
}

function meaningOf(difference: Difference, subject: Subject, isList: boolean): Meaning {
  const { added, removed, now } = difference;
  if (added.length + removed.length === 0) return 'none';
  // What names the rule and turns it on speaks for itself, whatever else was changed.
  const isOn = removed.length > 0 && now.some((one) => speaksOf(one, subject) && turnsOn(one));
  const found = new Set([
    ...added.map((one) => meaningOfAdded(one, { subject, difference, isList })),
    ...removed.map((one) => meaningOfRemoved(one, { subject, difference, isOn })),
  ]);
  if (found.has('place')) return 'place';
  return found.has('rule') ? 'rule' : 'other';
}

type Around = { readonly subject: Subject; readonly difference: Difference };

function meaningOfAdded(entry: SettingEntry, { subject, difference, isList }: Around & { isList: boolean }): Meaning {
  const { keys, word } = entry;
  const last = keys.at(-1) ?? '';
  if (hushes.test(word === '' ? last : word)) return 'rule';
  const passes = (isList && !keys.includes('include')) || keys.some((key) => ignoring.test(key)) || isNegated(word);
  const scoped = keys.findIndex((key) => looksLikePath(key));
  const scope = keys[scoped];
  if (scope !== undefined && !coversFile(scope, subject.file)) return 'other';
  const rest = keys.slice(scoped + 1);
  const named = names(word, subject) || rest.some((key) => names(key, subject));
  if (named && (passes || off.test(word))) return scope === undefined ? 'rule' : 'place';
  if (passes && coversFile(word, subject.file)) return 'place';
  if (passes && all.test(word)) return 'place';
  // A list of the rules that are on, where there was none.
  const isNew = difference.beside(keys, 'before').length === 0;
  const beside = difference.beside(keys, 'now');
  if (exclusive.test(last) && isNew && !isNegated(word))
    return beside.some((one) => names(one.word, subject) || all.test(one.word)) ? 'other' : 'rule';
  if (place.test(last) && !passes && looksLikePath(word) && isNew && !coversFile(word, subject.file))
    return beside.some((one) => coversFile(one.word, subject.file)) ? 'other' : 'place';
  return isSwitch(entry, difference.beside(keys, 'before'), passes) ? 'rule' : 'other';
}

function meaningOfRemoved(entry: SettingEntry, { subject, difference, isOn }: Around & { isOn: boolean }): Meaning {
  const { keys, word } = entry;
  const last = keys.at(-1) ?? '';
  if (warns.test(word === '' ? last : word) && !isOn) return 'rule';
  if (keys.some((key) => ignoring.test(key)) || isNegated(word) || off.test(word)) return 'other';
  const named = names(word, subject) || keys.some((key) => names(key, subject));
  if (named && !isOn) return 'rule';
  const selects = keys.some((key) => selecting.test(key));
  if (selects && all.test(word) && !isOn) return 'rule';
  if (place.test(last) && coversFile(word, subject.file))
    return difference.beside(keys, 'now').some((one) => coversFile(one.word, subject.file)) ? 'other' : 'place';
  return !isOn && isSwitch(entry, difference.beside(keys, 'now'), false, true) ? 'rule' : 'other';
}

/** Whether a value that turns many rules at once was lowered, or changed in a way that cannot be compared. */
function isSwitch(
  { keys, word }: SettingEntry,
  others: readonly SettingEntry[],
  passes: boolean,
  gone = false,
): boolean {
  const last = keys.at(-1) ?? '';
  if (sets.test(word)) return gone || /disable|off/i.test(word) || keys.some((key) => /^extends$/i.test(key));
  if (!gone && ignoring.test(last) && /^(?:true|yes|on|1)$/i.test(word)) return true;
  if (!switches.test(last) && !keys.some((key) => /^(?:extends|presets|inherit_from)$/i.test(key))) return false;
  if (/^(?:true|yes|on)$/i.test(word)) return gone !== (passes || /ignore|skip|no-|disable/i.test(last));
  if (/^(?:false|no|off)$/i.test(word)) return !gone && !passes;
  const [before] = others;
  const [own, other] = [rank(word), before === undefined ? null : rank(before.word)];
  if (own !== null && other !== null) return gone ? false : own < other && !/error-?level/i.test(last);
  return true;
}

function turnsOn({ keys, word }: SettingEntry): boolean {
  const passes = keys.some((key) => ignoring.test(key)) || isNegated(word);
  return !passes && !off.test(word) && (on.test(word) || keys.some((key) => selecting.test(key)));
}

function speaksOf({ keys, word }: SettingEntry, subject: Subject): boolean {
  return names(word, subject) || keys.some((key) => names(key, subject));
}

function isNegated(word: string): boolean {
  return /^-(?:Wno-)?[\w*]/.test(word) || /^!/.test(word);
}

/** Whether a word is a name of the finding's rule, or of a family that it belongs to. */
function names(raw: string, subject: Subject): boolean {
  const word = raw
    .replace(/^[-!"']{0,2}(?:Wno-|W(?=[a-z]))?/, '')
    .replace(/^(?:ktlint_(?:standard_)?|\/?wd)/i, '')
    .toLowerCase();
  if (word === '' || word.length > 200) return false;
  return subject.names.some((name) => {
    const code = name.toLowerCase();
    if (/^(?:cve|ghsa|rustsec|pysec|osv|go|mal|snyk|npm)-/.test(code) && word.includes(code)) return true;
    if (raw.startsWith('-W') && code.replace(/^-w/, '').startsWith(`${word}-`)) return true;
    if (code === word || code.replace(/^[\w-]+:/, '') === word || code.replace(/^-w/, '') === word) return true;
    if (/^[a-z]{1,8}-?\d+$/.test(code)) {
      const digits = code.replace(/\D/g, '');
      return (
        (/^[a-z]{1,8}\d*$/.test(word) && code.startsWith(word)) ||
        (/^\d+$/.test(word) && Number(word) === Number(digits))
      );
    }
    if (word.includes('*')) return word.length > 1 && matchesName(word, code);
    return (
      /[/.:]/.test(code) && (code.startsWith(`${word}/`) || code.startsWith(`${word}.`) || code.startsWith(`${word}:`))
    );
  });
}

function looksLikePath(word: string): boolean {
  return (
    (/[/*]/.test(word) && !/^@[\w-]+\//.test(word) && !/^[A-Z]\w+\/[A-Z]/.test(word)) ||
    /^[\w-]+\.[a-z]{1,5}$/.test(word)
  );
}
