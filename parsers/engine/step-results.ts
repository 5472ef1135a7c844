import type { Exit, LogContext, NamedParser, ToolRun } from '../define.ts';
import { programsOf } from '../tools/parser-words.ts';
import { startsProgram } from './command-words.ts';
import type { Lane } from './lanes.ts';
import { stepsOf } from './steps.ts';

/** A step that failed and of which nothing was read that says why. */
type DeadStep = { readonly tool: string; readonly exitCode: number | null; readonly step: number };

/**
 * The steps of a command that gave no readable end, whatever the others found. Where the log marks them, by their own
 * exit codes; else a tool that always prints something and did not, and a program that the shell did not find.
 */
export function deadSteps(
  { command }: LogContext,
  exit: Exit,
  facts: {
    readonly parsers: readonly NamedParser[];
    readonly lanes: readonly Lane[];
    readonly exits: ReadonlyMap<number, number | null>;
    readonly tools: readonly ToolRun[];
    /** Programs that the shell said it did not find. */
    readonly missing: ReadonlySet<string>;
    /** Whether a file that a step may have left says why it failed. */
    explainsFor(command: string): boolean;
  },
): DeadStep[] {
  // What a command passes over on purpose is no failure of it.
  if (exit.reason !== 'exited' || exit.exitCode === null || exit.exitCode === 0) return [];
  const steps = stepsOf(command);
  return steps.flatMap(({ text, program, to }, index): DeadStep[] => {
    const step = index + 1;
    const readers = facts.parsers.filter((one) => startsProgram(text, programsOf(one)));
    const tool = readers[0]?.tool ?? program.slice(program.lastIndexOf('/') + 1);
    const code = facts.exits.get(step);
    if (code === undefined) {
      if (facts.exits.size === 0 && facts.explainsFor(text)) return [];
      if (facts.missing.has(program)) return [{ tool, exitCode: 127, step }];
      // In a chain the next one would not have started.
      const goesOn = facts.exits.size === 0 && command.includes('|| status=$?');
      const isSilent = goesOn && readers.length > 0 && readers.every((one) => !one.quiet);
      const told = readers.some((one) => facts.tools.some((run) => run.parser === one.name || run.tool === one.tool));
      return isSilent && !told ? [{ tool, exitCode: null, step }] : [];
    }
    const exitCode = code ?? exit.exitCode;
    if (exitCode === 0 || exitCode === null) return [];
    const explained = facts.lanes.some((lane) => lane.step === step && lane.readings.some((one) => one.explains));
    const bySystem = exitCode >= 126;
    // What nobody knows, and whose failure the command passes over, prepares: `pkill server; npm test`.
    if (!bySystem && readers.length === 0 && !/^\s*(?:$|\)|&&|\|\| *(?:status=\$\?|exit))/.test(command.slice(to)))
      return [];
    return bySystem || !(explained || facts.explainsFor(text)) ? [{ tool, exitCode, step }] : [];
  });
}
