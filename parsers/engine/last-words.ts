/** Keeps the last lines that mean something, to be quoted when a run fails and no parser knows why. */
export type LastWords = { add(line: string, stream: 'stdout' | 'stderr'): void; quote(): string };

const noise =
  /^(?:[\s\p{P}\p{S}]*$|npm (?:error|ERR!) (?:A complete log|code |errno |path |workspace |location |command |$)|npm (?:warn|WARN|notice)|make: \*\*\*|exit status \d+$|error Command failed|info Visit|\s+at |Traceback \(|Node\.js v\d|error: Recipe )/u;
const telling =
  /error|fatal|fail|cannot|can't|could not|not found|no such|denied|unable|invalid|unknown|missing|exception|panic/i;
/** Where scanners put what they found to be secret: a report that was cut is no reason to repeat it. */
const secret = /"(?:Secret|Match|Line|line|offender|Content|commitMessage)": ?"|^(?:Finding|Secret): /;
const kept = 40;
const longest = 400;

export function lastWords(): LastWords {
  const lines = { stdout: [] as string[], stderr: [] as string[] };
  const meaningful = (all: readonly string[]) => all.filter((line) => !noise.test(line));
  return {
    add(line, stream) {
      const own = lines[stream];
      if (line === '' || secret.test(line.slice(0, longest)) || (own.length > 0 && own[own.length - 1] === line))
        return;
      own.push(line.slice(0, longest));
      if (own.length > 2 * kept) own.splice(0, kept);
    },
    quote() {
      const err = meaningful(lines.stderr);
      const out = meaningful(lines.stdout);
      for (const all of [err, out]) {
        const words = all.slice(-kept).filter((line) => telling.test(line));
        if (words.length > 0) return joined(words);
      }
      return joined(err.length > 0 ? err : out);
    },
  };
}

function joined(lines: readonly string[]): string {
  return lines
    .slice(-3)
    .map((line) => line.trim())
    .join(' | ');
}
