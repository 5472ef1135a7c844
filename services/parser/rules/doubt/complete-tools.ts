import type { ToolRun } from '../../../../parsers/define.ts';
import { toolNamed } from '../../../../parsers/tools/registry.ts';

/** What was read of a run. `built`: its exit code says that a build tool had all of a clean tree compiled. */
type ReadTools = {
  readonly tools: readonly ToolRun[];
  readonly built: boolean;
  readonly succeeded: boolean;
};

/**
 * The tools that came to their end and told all they had. `asked`: the tools of open findings, of which a run in which
 * all went well may say something though they said nothing.
 */
export function completeTools({ tools, built, succeeded }: ReadTools, asked: Iterable<string>): Set<string> {
  const complete = new Set(tools.filter((one) => one.complete).map(({ tool }) => tool));
  if (!succeeded) return complete;
  const seen = new Set(tools.map(({ tool }) => tool));
  for (const tool of asked) {
    // What was seen and did not prove its end has not.
    const card = seen.has(tool) ? undefined : toolNamed(tool);
    const byOthers = card?.toldBy?.some((other) => complete.has(other)) === true;
    if (byOthers || (built && card?.compiles === true)) complete.add(tool);
  }
  return complete;
}
