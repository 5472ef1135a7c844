import { type Simple, shellLine } from './shell-line.ts';

/** A program that a command starts, as a step of its own. */
type CommandStep = {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly program: string;
};

const mostSteps = 32;
/** What the shell does itself. */
const builtin =
  /^(?:[A-Za-z_]\w*=.*|cd|export|set|unset|exit|return|true|false|:|\.|source|shift|trap|wait|umask|ulimit|eval|exec|test|\[|echo|printf|read|local|alias|command|type|hash|mkdir|rm|cp|mv|cat|ls|grep|sed|touch|chmod|pwd|\{|\}|!)$/s;
const compound = new Set('if then else elif fi while until for do done case esac function select [[ { } !'.split(' '));

/**
 * The steps of a command: the programs in it that start one after the other, each with an exit code of its own. Empty
 * for one program alone, and for what is more than a list: loops, pipes, substitutions, documents in the text.
 */
export function stepsOf(command: string): readonly CommandStep[] {
  if (command.length > 8000 || /`|\$\(|<<|<\(|\(\s*\)|\\\n/.test(command)) return [];
  const all = shellLine(command);
  // Blocks in front, as `recipes/` writes them, prepare: what fails in them ends the whole.
  const opened = all.some(({ words }) => compound.has(words[0] ?? '') && words[0] !== '{' && words[0] !== '}');
  if (opened || all.some(({ next }) => next === '&')) return [];
  const steps = all.flatMap((one, at) => stepOf(one, all[at - 1], command));
  return steps.length > 1 && steps.length <= mostSteps ? steps : [];
}

function stepOf({ words, next, from, to }: Simple, before: Simple | undefined, command: string): CommandStep[] {
  if (next === '|' || before?.next === '|') return [];
  const program = words.find((word) => !/^[A-Za-z_]\w*=/.test(word)) ?? '';
  if (program === '' || builtin.test(program) || words[0] === '{') return [];
  const text = command.slice(from, to).trim();
  return [{ text, from, to, program }];
}

/**
 * The same command, that also writes where each step begins and with what it ends into both streams, as terminals are
 * told of it (OSC 133): it is not shown, and the log can be read step by step. What it comes to stays the same.
 */
export function withStepMarks(command: string): string {
  let marked = '';
  let at = 0;
  for (const [index, { text, from, to }] of stepsOf(command).entries()) {
    const tell = (what: string) => `printf '\\033]133;${what};step=${index + 1}\\007'`;
    const begin = `${tell('C')}; ${tell('C')} >&2`;
    const end = `${tell('D;%s')} "$ct_code"; ${tell('D;%s')} "$ct_code" >&2`;
    marked += `${command.slice(at, from)}{ ${begin}\n${text}\nct_code=$?; ${end}; (exit $ct_code); } `;
    at = to;
  }
  return marked + command.slice(at);
}
