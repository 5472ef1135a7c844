/** Words before the program itself: runners, and assignments of variables. */
const runner =
  /^(?:[A-Za-z_]\w{0,63}=\S*|npx|bunx|pnpm|yarn|npm|exec|dlx|uv|uvx|run|poetry|pipenv|hatch|env|time|sudo|nice|python[\d.]*|-m|--yes|-y|--no-install|--)$/;

/** Whether one of the simple commands of a shell line starts a program: `cargo clippy`, `npx eslint .`, `python -m mypy`. */
export function startsProgram(command: string, programs: readonly string[]): boolean {
  return simpleCommands(command).some((words) => programs.some((program) => begins(words, program.split(' '))));
}

/**
 * Whether an exit code 0 of the whole proves that this program ran and found nothing: every part is joined by `&&`,
 * and the program's own output went nowhere else.
 */
export function provedByExit(command: string, programs: readonly string[]): boolean {
  if (/\|\||[;|<>`\n!]|\$\(|&(?!&)(?<!&&)|\bif\b/.test(command)) return false;
  if (/(?:^|\s)(?:--help|--version|-h|-V|--init|--print-config)(?:\s|$)/.test(command)) return false;
  return startsProgram(command, programs);
}

/** Whether the command is one simple command that starts one of these programs. */
export function isAlone(command: string, programs: readonly string[]): boolean {
  return !/[;|&`\n]|\$\(/.test(command.trim()) && startsProgram(command, programs);
}

function simpleCommands(command: string): string[][] {
  return command
    .slice(0, 8192)
    .split(/&&|\|\||[;|&\n()]/)
    .map((part) => {
      const words = part.trim().split(/\s+/);
      const first = words.findIndex((word) => !runner.test(word));
      return first === -1 ? [] : words.slice(first);
    });
}

function begins(words: readonly string[], program: readonly string[]): boolean {
  return program.every((word, at) => {
    const given = words[at] ?? '';
    return at === 0 ? given.slice(given.lastIndexOf('/') + 1) === word : given === word;
  });
}
