import { startsProgram } from './command-words.ts';
import { shellLine } from './shell-line.ts';

/** Words that start another program, with their options: the program is what comes after them. */
const starter =
  /^(?:[A-Za-z_]\w{0,63}=.*|!|\{|if|then|do|while|until|else|npx|bunx|pnpm|yarn|npm|exec|dlx|uv|uvx|run|run-script|poetry|pipenv|hatch|bundle|env|time|sudo|nice|timeout|xargs|command|--|-.*|\d+[smh]?)$/s;
const interpreter = /^(?:(?:ba|da|z|k)?sh|python[\d.]*|node|perl|ruby|php|deno|tsx|ts-node|pwsh|powershell)$/;
/** Perl, ruby, node and php look at a file without running it. */
const checks = /^(?:-[a-z]?c[a-z]?|--check|--syntax-check|-l|--syntax)$/;
/** What the shell does itself, and what prepares. */
const builtin =
  /^(?:cd|export|set|unset|exit|return|true|false|:|\.|source|test|\[|echo|printf|mkdir|rm|cp|mv|status=.*)$/;
const longest = 64;

/**
 * The name of the program that a command starts: that of a script rather than of the interpreter before it, without
 * its folder. Null where it starts none.
 */
export function programName(command: string): string | null {
  for (const { words } of shellLine(command)) {
    if (words[0] !== undefined && builtin.test(words[0])) continue;
    const name = nameIn(words);
    if (name !== null) return name.slice(0, longest);
  }
  return null;
}

function nameIn(words: readonly string[]): string | null {
  const at = words.findIndex((word) => !starter.test(word));
  // A runner alone: `npm run`.
  const program = baseName(words[at] ?? words.find((word) => /^[a-z]/i.test(word)) ?? '');
  if (program === '') return null;
  if (!interpreter.test(program)) return program;
  const rest = words.slice(at + 1);
  // What is only checked is not the program.
  if (!/sh$|^python/.test(program) && rest.some((word) => checks.test(word))) return program;
  const inline = rest.indexOf('-c');
  if (inline !== -1) return programName(rest[inline + 1] ?? '') ?? program;
  const module = rest.indexOf('-m');
  const script = module === -1 ? rest.find((word) => !word.startsWith('-') && word !== 'run') : rest[module + 1];
  return script === undefined ? program : baseName(script) || program;
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1).replace(/[^\w.+@-]/g, '');
}

/** Whether the exit code 0 of a command says that every program in it ran and ended well. */
export function exitTells(command: string): boolean {
  const all = shellLine(command);
  return all.length > 0 && all.every(({ next, odd, words }) => /^(?:&&|)$/.test(next) && !odd && words[0] !== '!');
}

/** Whether every program that a command starts is one of these, and there is one. */
export function startsOnly(command: string, programs: readonly string[]): boolean {
  const started = shellLine(command).filter(({ words }) => words[0] !== undefined && !builtin.test(words[0]));
  return started.length > 0 && started.every(({ from, to }) => startsProgram(command.slice(from, to), programs));
}
