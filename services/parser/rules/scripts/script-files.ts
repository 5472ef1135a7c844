import { shellLine } from '../../../../parsers/engine/shell-line.ts';
import { carriedBy, isCarried } from './command-change.ts';

/** How a text starts programs: as a shell does, as what runs the commands of a file and fails with the first, or in a language. */
type ScriptKind = 'shell' | 'tasks' | 'program';

/** A text that a command runs. */
export type Script = {
  /** In the repository; '' for the command itself. */
  readonly path: string;
  readonly kind: ScriptKind;
  readonly text: string;
  /** The path of what starts it; null for the command. */
  readonly by: string | null;
};

const interpreter = /^(?:(?:ba|da|z|k)?sh|python[\d.]*|node|perl|ruby|php|deno|bun|tsx|ts-node|pwsh|lua|source|\.)$/;
const passedOver =
  /^(?:[A-Za-z_]\w{0,63}=.*|!|\{|\(|if|then|do|else|elif|while|until|exec|env|time|sudo|nice|timeout|command|xargs|uv|run|poetry|pipenv|\d+[smh]?|-.*)$/s;
const scripts = /\.(?:sh|bash|zsh|ksh|py|rb|pl|[cm]?js|[cm]?ts|php|lua|ps1|mk)$/;
const mostTokens = 4000;

/** The paths that a text may start, as they stand in it. */
function pathsIn({ kind, text }: Pick<Script, 'kind' | 'text'>): string[] {
  if (kind !== 'shell') {
    const all = text.match(/[\w@.+/-]{2,200}/g) ?? [];
    return [...new Set(all.slice(0, mostTokens).filter((one) => scripts.test(one) || /^\.{1,2}\/[\w/-]+$/.test(one)))];
  }
  return [...new Set(shellLine(text).flatMap(({ words }) => startedIn(words)))];
}

function startedIn(words: readonly string[]): string[] {
  const at = words.findIndex((word) => !passedOver.test(word));
  const first = words[at];
  if (first === undefined) return [];
  if (!interpreter.test(first.slice(first.lastIndexOf('/') + 1))) return /[/.]/.test(first) ? [first] : [];
  const rest = words.slice(at + 1);
  const inline = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (inline !== -1) return pathsIn({ kind: 'shell', text: rest[inline + 1] ?? '' });
  return rest.filter((word) => !word.startsWith('-')).slice(0, 1);
}

/** The files of a repository that a script leads to: those that it starts, and those whose commands it has run. */
export function filesFrom(script: Omit<Script, 'by'>, subproject: string, files: ReadonlySet<string>): string[] {
  const folders = [subproject, folderOf(script.path), '.'];
  const started = pathsIn(script).flatMap((printed) => {
    // `"$(dirname "$0")"/x.sh` and `$HERE/x.sh` lead there, too.
    const path = printed.replace(/^.*[$)}"]\w*\//, '').replace(/^\.?\//, '');
    return folders
      .map((folder) => joined(folder, path))
      .filter((one) => files.has(one))
      .slice(0, 1);
  });
  const carried = [...new Set([subproject, '.'])].flatMap((folder) => carriedBy(script.text, folder, files));
  return [...new Set([...started, ...carried])];
}

/** Whether a command may lead to files of the repository at all. */
export const mayLead = (command: string): boolean =>
  isCarried(command) || pathsIn({ kind: 'shell', text: command }).length > 0;

/** Lines of a file of targets, such as a Makefile, that a text has run: those of the targets that it names, and all that these need. */
export function targetLines(text: string, by: string): string {
  const own = new Map<string, string[]>();
  let open: string[] = [];
  for (const line of text.split('\n')) {
    const named = /^([\w./-][\w./ -]{0,200}):(?!=)\s*(.*)$/.exec(line);
    if (named !== null) {
      open = [named[2] ?? ''];
      for (const name of (named[1] ?? '').split(' ')) own.set(name, open);
    } else if (/^\s/.test(line)) open.push(line);
    else if (line.trim() !== '') open = [];
  }
  const wanted = shellLine(by).flatMap(({ words }) => words);
  const asked = wanted.filter((word) => own.has(word));
  const taken = new Set(asked.length > 0 ? asked : [...own.keys()].filter((name) => !name.startsWith('.')).slice(0, 1));
  for (const name of taken)
    for (const word of (own.get(name)?.[0] ?? '').split(/\s+/)) if (own.has(word)) taken.add(word);
  return [...taken].flatMap((name) => own.get(name) ?? []).join('\n');
}

/** What a file of the repository is to the script that runs it; a manifest is the scripts of it that are named. */
export function scriptAt(path: string, text: string, by: Script): Script {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const at = { path, by: by.path };
  if (/^(?:package|composer)\.json$/.test(name)) return { ...at, kind: 'shell', text: namedScripts(text, by.text) };
  if (/^#!.*\b(?:ba|da|z|k)?sh\b/.test(text) || /\.(?:ba|z|k)?sh$/.test(name)) return { ...at, kind: 'shell', text };
  const isProgram = /^#!/.test(text) || (scripts.test(name) && !/\.mk$|^noxfile\.py$/.test(name));
  return { ...at, kind: isProgram ? 'program' : 'tasks', text };
}

function namedScripts(text: string, by: string): string {
  let all: [string, unknown][] = [];
  try {
    all = Object.entries((JSON.parse(text) as { scripts?: object }).scripts ?? {});
  } catch {
    return '';
  }
  const words = new Set(shellLine(by).flatMap(({ words: own }) => own));
  const isNamed = (name: string) => words.has(name) || words.has(name.replace(/^(?:pre|post)/, ''));
  const named = all.filter(([name]) => isNamed(name));
  return (named.length > 0 ? named : all).flatMap(([, value]) => (Array.isArray(value) ? value : [value])).join('\n');
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
}

function joined(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/'))
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  return parts.join('/');
}
