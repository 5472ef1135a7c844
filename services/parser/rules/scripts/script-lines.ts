import type { Script } from './script-files.ts';

const asks =
  /\b(?:command -v|which|type -[pPt]|hash|where\.exe)\b|\[\[? -x |shutil\.which|\b(?:ImportError|ModuleNotFoundError|FileNotFoundError|ENOENT|LoadError)\b|Get-Command/;
const loud =
  /\bexit +["']?(?:[1-9]|\$)|sys\.exit\((?!0|\))|\braise\b|\bthrow\b|process\.exit\((?!0|\))|\bdie\b|\babort\b/;

/** Whether a script names one of these programs where it may start it. */
export function mentions({ kind, text }: Script, programs: readonly string[]): boolean {
  const starts = starter(programs);
  return linesOf(text, kind).some((line) => starts.test(line));
}

const known = new Map<string, RegExp>();
/** The words of a program, as a shell or a list in a language has them. */
export function starter(programs: readonly string[]): RegExp {
  const key = programs.join('\n');
  const words = programs.map((program) =>
    program
      .split(' ')
      .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('["\', ]{1,6}'),
  );
  const made = known.get(key) ?? new RegExp(`(?<![\\w.+-])(?:${words.join('|')})(?![\\w+-]|\\.\\w)`);
  if (known.size < 200) known.set(key, made);
  return made;
}

const installs =
  /(?:\b(?:pip3?|apt|apt-get|npm|pnpm|brew|gem|cargo|go|apk|dnf) (?:-\S+ )?(?:install|add|i)\b|\binstall\()[^&;|\n]*/g;
const needs = /^\s*(?:deps|requires|dependencies|additional_dependencies|allowlist_externals)\s*[=:]/;

/** Without comments, and without what names a program to install it. */
export function linesOf(text: string, kind: Script['kind']): string[] {
  const comment = kind === 'program' ? /^\s*(?:#|\/\/|--)/ : /^\s*#/;
  let isList = false;
  return text.split('\n').flatMap((line) => {
    if (kind === 'tasks') {
      const starts = needs.test(line);
      isList = starts || (isList && /^\s/.test(line) && !/^\s*[\w-]+\s*[=:]/.test(line));
      if (isList) return [];
    }
    return comment.test(line) ? [] : [line.replace(installs, '')];
  });
}

/** Whether the script looks for the tool first and goes on without a word where it is not there. */
export function isGuarded({ kind, text }: Script, programs: readonly string[]): boolean {
  const lines = linesOf(text, kind);
  const starts = starter(programs);
  return lines.some((line, at) => {
    const asked = asks.exec(line);
    if (asked === null) return false;
    const about = starts.test(line) || /[$]|Error\b|ENOENT/.test(line.slice(asked.index));
    return about && !loud.test(lines.slice(at, at + 5).join('\n'));
  });
}
