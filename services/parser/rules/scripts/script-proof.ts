import { isAlone } from '../../../../parsers/engine/command-words.ts';
import { sameWork } from './script-change.ts';
import { type End, endIn, onceIn, worst } from './script-exit.ts';
import type { Script } from './script-files.ts';
import { isGuarded, linesOf, mentions, starter } from './script-lines.ts';

/** What is known of a tool that scripts start, and that said nothing of its own end in a run that ended with 0. */
type ScriptFacts = {
  /** Words that start the tool. */
  readonly programs: readonly string[];
  /** The command, and all that it leads to, at the commit of the run; the command first. */
  readonly now: readonly Script[];
  /** The same where its findings were seen last, with the command of that run; null when that is not known. */
  readonly before: readonly Script[] | null;
  /** That run was of the same command, and ended with another exit code than 0. */
  readonly failed: boolean;
  /** The tool was seen at work in this run. */
  readonly seen: boolean;
  /** What the log says that a program was not there for, or that something went wrong; null for nothing of the kind. */
  readonly missing: boolean;
  readonly trouble: boolean;
};

/**
 * `proved`: the exit code 0 is the tool's, too. `likely`: it was started, and what it came to is passed over; a second such
 * run is a proof. `none`: nothing says that it ran, for that reason.
 */
export type ScriptVerdict = { readonly says: 'proved' | 'likely' } | { readonly says: 'none'; readonly why: string };

const none = (why: string): ScriptVerdict => ({ says: 'none', why });

/** It looks at what changed alone: of the rest its silence says nothing. */
const selects =
  /git\s+(?:diff|log|show|diff-tree|status)\b[^\n]{0,200}(?:--name-only|--diff-filter|--porcelain|--name-status|--short)|ls-files\s+-m|--(?:cached|staged|changed-since|only-changed|changedSince|onlyChanged|since)\b|lint-staged|\baffected\b|merge-base/;
/** What the exit code 0 of a command says of a tool that its scripts start. */
export function scriptVerdict(facts: ScriptFacts): ScriptVerdict {
  const { programs, now, before, failed, seen, missing, trouble } = facts;
  if (missing) return none('the log says that it is not there');
  const selecting = now.find(({ text }) => selects.test(text));
  if (selecting) return none(`${nameOf(selecting)} looks at what changed alone`);
  const starts = now.filter((one) => mentions(one, programs));
  const same = before !== null && sameTexts(now, before);
  if (starts.length === 0) {
    if (before?.some((one) => mentions(one, programs))) return none('no script starts it any more');
    // It is started somewhere that cannot be read, as before.
    if (failed && same && !trouble) return { says: 'likely' };
    return none('nothing that can be read starts it');
  }
  if (before === null) return none('the command or a script of it is not the one that showed it');
  // What is not understood of a change may keep the tool from its work: the first silent run is no proof then.
  const isOther = !same && !sameWork(now, before, programs);
  const guarded = seen ? undefined : starts.find((one) => isGuarded(one, programs));
  if (guarded) return none(`${nameOf(guarded)} goes on without it where it is not there`);
  const ends = starts.map((one) => endOf(one, now, programs));
  if (isOther && !ends.every((end) => end === 'tells' || end === 'passes'))
    return none('the command or a script of it is not the one that showed it');
  if (ends.every((end) => end === 'tells')) return { says: isOther ? 'likely' : 'proved' };
  if (ends.includes('hides')) return none('a script hides what it says and passes over with what it ended');
  if (trouble) return none('a script passes over with what it ended, and the log tells of trouble');
  return { says: !ends.some((end) => end === 'passes' || end === 'perhaps') && failed && same ? 'proved' : 'likely' };
}

/**
 * The command of a tool that a command and its scripts start once, and whose exit code they pass on as it is: then a run
 * is as complete as one of that command alone. Null where that is not so.
 */
export function soleStart(scripts: readonly Script[], programs: readonly string[]): string | null {
  if (scripts.some(({ text }) => selects.test(text))) return null;
  const starts = starter(programs);
  const [only, ...more] = scripts.filter((one) => mentions(one, programs));
  if (only === undefined || more.length > 0) return null;
  const text = onceIn(only, (part) => starts.test(part));
  let at = only;
  for (let left = scripts.length; at.by !== null; left -= 1) {
    const { path, by } = at;
    const caller = scripts.find((one) => one.path === by);
    if (caller === undefined || left === 0 || onceIn(caller, (part) => leadsTo(part, path)) === null) return null;
    at = caller;
  }
  // What is asked for elsewhere may be another thing each time.
  return text === null || /[`$](?!@)/.test(text) || !isAlone(text, programs) ? null : text;
}

/** All lines of scripts that start one of these programs. */
export function startsOf(scripts: readonly Script[], programs: readonly string[]): string {
  const starts = starter(programs);
  const lines = scripts.flatMap(({ path, text, kind }) =>
    linesOf(text, kind).flatMap((line) => (starts.test(line) ? [[path, line.trim()]] : [])),
  );
  return JSON.stringify(lines);
}

const nameOf = ({ path }: Script) => (path === '' ? 'the command' : path);

function sameTexts(now: readonly Script[], then: readonly Script[]): boolean {
  const key = (all: readonly Script[]) => JSON.stringify(all.map(({ path, text }) => [path, text]).sort());
  return key(now) === key(then);
}

/** What becomes of the exit code of what is started in a script on its way to that of the command. */
function endOf(script: Script, all: readonly Script[], programs: readonly string[]): End {
  const starts = starter(programs);
  const ends = [endIn(script, (text) => starts.test(text))];
  let at = script;
  while (at.by !== null && ends.length <= all.length) {
    const { path, by } = at;
    const caller = all.find((one) => one.path === by);
    if (caller === undefined) return 'unknown';
    ends.push(endIn(caller, (text) => leadsTo(text, path)));
    at = caller;
  }
  return worst(ends);
}

const runners =
  /(?<![\w.-])(?:g?make|just|task|tox|nox|npm|pnpm|yarn|bun|npx|composer|rake|inv(?:oke)?|pre-commit|prek)(?![\w.-])/;

/** Whether a part of a script starts that file: by its name, or by what runs the commands of such files. */
function leadsTo(text: string, path: string): boolean {
  return text.includes(path.slice(path.lastIndexOf('/') + 1)) || runners.test(text);
}
