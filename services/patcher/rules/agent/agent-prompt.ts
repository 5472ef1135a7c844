import type { Observation } from '../../../../events/finding.ts';
import { dataFence } from './data-fence.ts';
import { withoutCredentials, withoutEnvironment } from './prompt-secrets.ts';
import { answerForm, dataNotice, problems, ruleLines, stillExpected } from './prompt-words.ts';
import { linesNaming, type SourcePiece, sourceWindow } from './source-window.ts';

/** What a prompt tells of a finding. */
export type PromptFinding = Pick<
  Observation,
  | 'kind'
  | 'severity'
  | 'tool'
  | 'code'
  | 'file'
  | 'line'
  | 'end_line'
  | 'message'
  | 'suggested_fix'
  | 'package'
  | 'installed_version'
  | 'fixed_version'
  | 'url'
>;

/** A file, or a part of one; of a whole file that is large, the parts around the findings are shown. */
export type PromptSource = SourcePiece & { readonly path: string };

export type PromptFacts = {
  readonly project: string;
  /** The folder that may be changed; `.` for all of the repository. */
  readonly subproject: string;
  readonly language: string;
  readonly recipe: string;
  readonly command: string;
  readonly findings: readonly PromptFinding[];
  readonly sources: readonly PromptSource[];
  /** Manifests and lock files, for a cve. */
  readonly manifests: readonly PromptSource[];
  /** What a failing test printed. */
  readonly log: string | null;
  /** The only files that may be changed, where that is known. */
  readonly paths: readonly string[];
  /** Further rules, in words. */
  readonly rules: readonly string[];
  /** Takes out the secrets of the project. */
  readonly redact: (text: string) => string;
  readonly maxBytes?: number;
};

export type FeedbackFacts = {
  readonly problem: keyof typeof problems;
  /** The exact error; `''` where there is none. */
  readonly error: string;
  /** How many answers are left, the next one included. */
  readonly turnsLeft: number;
  /** What stands in the files at the places in question. */
  readonly sources: readonly PromptSource[];
  readonly redact: (text: string) => string;
  readonly maxBytes?: number;
};

/** One fence of data; null when it can be shown under no limit. */
type Part = { readonly title: string; readonly text: string | null };

const usualBytes = 400 * 1024;
const maxFindings = 100;
const findingBytes = 64 * 1024;
const logBytes = 64 * 1024;
const errorBytes = 16 * 1024;
const overhead = 8 * 1024;
const pathsTitle = 'files that may be changed';

/** The question that opens a conversation. Pure: equal facts give an equal prompt, of at most `maxBytes` (400 KiB). */
export function firstPrompt(facts: PromptFacts): string {
  const { findings, redact, maxBytes = usualBytes } = facts;
  const printed = (text: string): string => redact(withoutEnvironment(text));
  const told = withinBytes(
    findings.slice(0, maxFindings).map((finding) => findingLine(finding, printed)),
    findingBytes,
  );
  const log = facts.log === null ? [] : [{ title: 'log', text: middleCut(printed(facts.log), logBytes) }];
  const parts = [
    { title: 'project', text: printed(projectLine(facts, printed)) },
    { title: 'findings', text: told.join('\n') },
    ...(facts.paths.length === 0 ? [] : [{ title: pathsTitle, text: printed(facts.paths.slice(0, 200).join('\n')) }]),
    ...partsOf(facts.sources, redact, ({ path }) => findingLines(findings, path)),
    ...partsOf(facts.manifests, redact, ({ text }) => findings.flatMap((one) => linesNaming(text, one.package ?? ''))),
    ...log,
  ];
  const cut = findings.length > told.length ? [`${findings.length - told.length} more findings`] : [];
  const kinds = [...new Set(findings.map(({ kind }) => kind))];
  const heading = `You write a patch for a software project. ${findings.length === 1 ? 'A tool reported the finding' : `Tools reported the ${findings.length} findings`} below. Change the code so that the same command no longer reports ${findings.length === 1 ? 'it' : 'them'} and reports nothing new. You cannot run anything and cannot see other files. Your change is checked by these rules, applied, and proven by running the command again.`;
  const rules = `Rules:\n${ruleLines(kinds, redact(whereLine(facts)), facts.rules.map(redact))}`;
  return composed([heading, answerForm, rules], parts, cut, maxBytes);
}

/** The next question of a conversation: what was wrong with the last answer, exactly, and what is still expected. */
export function feedbackPrompt(facts: FeedbackFacts): string {
  const { redact, maxBytes = usualBytes } = facts;
  const error = middleCut(redact(withoutEnvironment(facts.error)), errorBytes);
  const parts = [
    ...(error.trim() === '' ? [] : [{ title: 'error', text: error }]),
    ...partsOf(facts.sources, redact, () => []),
  ];
  const left = facts.turnsLeft === 1 ? 'This is your last answer.' : `You have ${facts.turnsLeft} answers left.`;
  return composed([problems[facts.problem], `${stillExpected} ${left}`, answerForm], parts, [], maxBytes);
}

/** Puts our words before the data, and says what did not fit. */
function composed(words: readonly string[], parts: readonly Part[], cut: readonly string[], maxBytes: number): string {
  const room = maxBytes - words.reduce((sum, text) => sum + Buffer.byteLength(text), overhead);
  const kept: { title: string; text: string }[] = [];
  const left = [...cut];
  let used = 0;
  for (const { title, text } of parts) {
    const bytes = text === null ? Number.POSITIVE_INFINITY : Buffer.byteLength(title) + Buffer.byteLength(text) + 100;
    if (text === null || used + bytes > room) left.push(title);
    else {
      kept.push({ title, text });
      used += bytes;
    }
  }
  if (kept.length === 0 && left.length === 0) return `${words.join('\n\n')}\n`;
  const missing = left.slice(0, 40).map((title) => title.slice(0, 120));
  if (left.length > missing.length) missing.push(`${left.length - missing.length} more parts`);
  const fence = dataFence([...kept.flatMap(({ title, text }) => [title, text]), ...missing]);
  const omitted = missing.length === 0 ? '' : fence.around('left out for its length', missing.join('\n'));
  const data = kept.map(({ title, text }) => fence.around(title, text)).join('\n');
  const end = `This is the end of the data of others. Answer now with the one JSON object.`;
  return `${[...words, dataNotice(fence.mark), data + omitted, end].join('\n\n')}\n`;
}

// Cleaned before it becomes one line: what begins a line is told from the rest.
function projectLine(
  { project, subproject, language, recipe, command }: PromptFacts,
  printed: (text: string) => string,
) {
  return JSON.stringify({ project, folder: subproject, language, recipe, command: printed(command).slice(0, 8192) });
}

function findingLine(finding: PromptFinding, printed: (text: string) => string): string {
  const { message, suggested_fix, ...rest } = finding;
  const told = Object.entries({
    ...rest,
    message: printed(message).slice(0, 2048),
    suggested_fix: suggested_fix === null ? null : printed(suggested_fix).slice(0, 2048),
  }).filter(([, value]) => value !== null);
  return printed(JSON.stringify(Object.fromEntries(told)));
}

function findingLines(findings: readonly PromptFinding[], path: string): number[] {
  const here = findings.filter(({ file, line }) => file === path && line !== null);
  return here.flatMap(({ line, end_line }) => (end_line === null ? [line ?? 1] : [line ?? 1, end_line]));
}

function partsOf(
  sources: readonly PromptSource[],
  redact: (text: string) => string,
  linesIn: (source: PromptSource) => readonly number[],
): Part[] {
  return sources.flatMap((source): Part[] => {
    const pieces = source.whole ? sourceWindow(source.text, linesIn(source)) : [source];
    const name = JSON.stringify(redact(source.path.slice(0, 1024)));
    if (pieces.length === 0) return [{ title: `file ${name}`, text: null }];
    return pieces.map((piece) => ({
      title: `file ${name}, ${extentOf(piece)}`,
      text: redact(withoutCredentials(piece.text)),
    }));
  });
}

function extentOf({ text, firstLine, whole }: SourcePiece): string {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  const end = text === '' || text.endsWith('\n') ? '' : ', without a line end at its end';
  return whole ? `all of it (${lines} lines${end})` : `lines ${firstLine} to ${firstLine + lines - 1} only${end}`;
}

function whereLine({ subproject, paths }: PromptFacts): string {
  if (paths.length > 0) return `Change only the files that stand under "${pathsTitle}".`;
  if (subproject === '.' || subproject === '') return 'Change only files of this repository, by paths from its root.';
  return `Change only files inside of the folder ${JSON.stringify(subproject)}; paths are given from the repository's root.`;
}

/** As many of the lines as fit, the first one in any case. */
function withinBytes(lines: readonly string[], maxBytes: number): string[] {
  let used = 0;
  const past = lines.findIndex((line, index) => {
    used += Buffer.byteLength(line) + 1;
    return used > maxBytes && index > 0;
  });
  return past < 0 ? [...lines] : lines.slice(0, past);
}

/** The beginning and the end of a text of too many bytes, with a line that says how much is missing. */
function middleCut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  const head = bytes.subarray(0, Math.floor(maxBytes / 4)).toString();
  const tail = bytes.subarray(bytes.length - Math.floor((maxBytes * 3) / 4)).toString();
  return `${head}\n[... ${bytes.length - maxBytes} bytes left out ...]\n${tail}`;
}
