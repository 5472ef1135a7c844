import type { Machine, Parser, Run } from './define.ts';

/** One finding a line; the rule is the last thing in it. */
const lite =
  /^(?:[ew]: )?((?:file:\/\/)?(?:[A-Za-z]:)?[^:]{1,1023}\.kts?):(\d{1,7}):(\d{1,7}): (?:(error|warning|info): )?(.{1,2000}) \[((?=[A-Z0-9]{1,80}[a-z])[A-Z][A-Za-z0-9]{1,80}(?:\/\w{1,80})?)\]$/;
/** Older reports, grouped by file or rule set: `Rule - [where] at path:line:column`. */
const grouped =
  /^\s{1,8}([A-Z][A-Za-z0-9]{1,80}) - (?:(\S{1,40}) - )?\[(.{0,300})\](?: - (.{1,1000}))? at ((?:[A-Za-z]:)?[^:]{1,1023}\.kts?):(\d{1,7}):(\d{1,7})$/;
const severities = { error: 'error', warning: 'warn', info: 'info' } as const;

/** The console of detekt. */
export const detekt: Parser = {
  name: 'detekt',
  recipes: ['lint', 'build'],
  quiet: true,
  cues: ['.kt:', '.kts:', 'failed with ', 'detekt finished', 'Invalid detekt config', 'detekt.invalid.config'],
  anyExit: true,
  start,
};

function start(run: Run): Machine {
  let found = 0;
  let counted: number | null = null;
  let finished = false;
  return {
    line(line) {
      const at = lite.exec(line);
      const old = at === null ? grouped.exec(line) : null;
      if (at !== null || old !== null) {
        const word = at?.[4] ?? null;
        found += 1;
        run.report({
          kind: 'lint',
          severity: word === null ? 'warn' : severities[word as keyof typeof severities],
          tool_severity: word,
          code: at?.[6] ?? old?.[1] ?? null,
          file: at?.[1] ?? old?.[5] ?? null,
          line: Number(at?.[2] ?? old?.[6]),
          column: Number(at?.[3] ?? old?.[7]),
          message: at?.[5] ?? old?.[4] ?? [old?.[1], old?.[2], old?.[3]].filter(Boolean).join(' '),
          raw: line,
        });
        return 'yes';
      }
      const sum = /^(?:> )?(?:Analysis|Build) failed with (\d{1,7}) (?:weighted )?issues/.exec(line);
      if (sum !== null) {
        counted = Number(sum[1]);
        run.saw();
        return 'yes';
      }
      if (/^detekt finished in \d/.test(line)) {
        finished = true;
        run.saw();
        return 'yes';
      }
      const wrong =
        /^(?:.{0,200}: )?(Invalid detekt config.{0,500}|Run failed with \d{1,6} invalid config propert.{0,200})/.exec(
          line.slice(0, 2000),
        );
      if (wrong === null) return 'no';
      run.crashed(wrong[1] ?? '');
      return 'yes';
    },
    end(exit) {
      const alone = run.alone();
      if (counted !== null) return found >= counted && !(alone && (exit.exitCode === 0 || !exit.told));
      return exit.exitCode === 0 && (finished || (found > 0 && alone));
    },
  };
}
