import type { Machine, Parser, Run } from './define.ts';

/** `[WARN] path:line:column: message [Rule]`, out of Ant and Gradle with a prefix. */
const plain =
  /^(?:\[ant:checkstyle\] )?\[(ERROR|WARN|INFO)\] (\S.{0,1023}?):(\d{1,7})(?::(\d{1,7}))?: (.{1,2000}) \[(\w[\w.:-]{0,100})\]$/;
/** `[WARNING] path:[line,column] (package) Rule: message`, of Maven's plugin. */
const maven =
  /^\[(ERROR|WARNING|WARN|INFO)\] (\S.{0,1023}?\.\w{1,12}):\[(\d{1,7})(?:,(\d{1,7}))?\] \([a-z]{1,40}\) ([A-Z]\w{1,80}): (.*)$/;
const severities = { ERROR: 'error', WARN: 'warn', WARNING: 'warn', INFO: 'info' } as const;

/** Checkstyle's plain format, and the console of its Maven plugin. */
export const checkstyleText: Parser = {
  name: 'checkstyle-text',
  tool: 'checkstyle',
  recipes: ['lint', 'build'],
  errorsOnly: true,
  cues: [
    '[ERROR] ',
    '[WARN] ',
    '[WARNING] ',
    '[INFO] ',
    'Starting audit...',
    'Audit done.',
    'CheckstyleException: ',
    'Could not find config',
  ],
  anyExit: true,
  start,
};

function start(run: Run): Machine {
  let started = 0;
  let done = 0;
  return {
    line(line) {
      const at = plain.exec(line);
      const viaMaven = at === null ? maven.exec(line) : null;
      const found = at ?? viaMaven;
      if (found !== null) {
        const [message, code] = at === null ? [found[6], found[5]] : [found[5], found[6]];
        run.report({
          kind: 'lint',
          severity: severities[found[1] as keyof typeof severities],
          tool_severity: found[1] ?? null,
          code: code ?? null,
          file: found[2] ?? null,
          line: Number(found[3]),
          column: found[4] === undefined ? null : Number(found[4]),
          message: message ?? '',
          raw: line,
        });
        return 'yes';
      }
      if (line === 'Starting audit...') {
        started += 1;
        run.saw();
      } else if (line === 'Audit done.') done += 1;
      else {
        const words =
          /^com\.puppycrawl\.tools\.checkstyle\.api\.CheckstyleException: (.{1,1000})|^(Could not find config.{1,500})/.exec(
            line,
          );
        if (words === null) return 'no';
        run.crashed(words[1] ?? words[2] ?? '');
      }
      return 'yes';
    },
    // Its exit code counts the errors.
    end: () => started > 0 && started === done,
  };
}
