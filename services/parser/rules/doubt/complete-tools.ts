import type { ToolRun } from '../../../../parsers/define.ts';
import { toolNamed } from '../../../../parsers/tools/registry.ts';

/** What was read of a run. `built`: its exit code says that a build tool had all of a clean tree compiled. */
export type ReadTools = {
  readonly tools: readonly ToolRun[];
  readonly built: boolean;
  readonly succeeded: boolean;
};

/** Tools whose errors others tell beside their own: where those came to their end without a failure, they are gone. */
const toldBy: Readonly<Record<string, readonly string[]>> = {
  'go-build': ['go-vet', 'go-test', 'staticcheck'],
  ld: ['gcc', 'clang'],
  'nuget-audit': ['msbuild'],
  ruff: ['ruff-format'],
  swiftpm: ['swiftc'],
};
/** Tools that tell of what another one finds. */
export const teller = (tool: string): readonly string[] => toldBy[tool] ?? [];

/** A build tool starts them, and tells nothing of them when they find nothing. */
const compilers: ReadonlySet<string> = new Set(['clang', 'gcc', 'javac', 'kotlinc', 'ld']);

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
    if (seen.has(tool) || toolNamed(tool) === undefined) continue;
    const byOthers = (toldBy[tool] ?? []).some((other) => complete.has(other));
    if (byOthers || (built && compilers.has(tool))) complete.add(tool);
  }
  return complete;
}
