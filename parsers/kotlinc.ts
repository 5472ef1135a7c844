import type { Draft, Machine, Parser, Run } from './define.ts';

/** Gradle up to Kotlin 1.7, since 1.8, kotlinc alone, and Maven in both of its forms. */
const gradle =
  /^([ew]): ((?:file:\/\/)?\/?(?:[A-Za-z]:)?[^:]{1,1023}\.kts?):(?: \((\d{1,7}), (\d{1,7})\):|(\d{1,7}):(\d{1,7}):?) (.*)$/;
const alone = /^((?:[A-Za-z]:)?[^:]{1,1023}\.kts?):(\d{1,7}):(\d{1,7}): (error|warning): (.*)$/;
const maven =
  /^\[(ERROR|WARNING)\] (\S.{0,1023}?\.kts?):(?: ?[[(](\d{1,7}), ?(\d{1,7})[\])]:?|(\d{1,7}):(\d{1,7})) (.*)$/;
const global = /^([ew]): (?!file:)(\S.*)$/;
const severities = { e: 'error', w: 'warn', error: 'error', warning: 'warn', ERROR: 'error', WARNING: 'warn' } as const;
const maxMore = 6;
/** Of candidates that a message lists before its source line. */
const maxLines = 60;

/** `kotlinc` alone, out of Gradle (its forms before and since Kotlin 1.8, also mixed) and out of Maven. */
export const kotlinc: Parser = {
  name: 'kotlinc',
  recipes: ['build', 'lint', 'test'],
  quiet: true,
  errorsOnly: true,
  cues: ['.kt:', '.kts:', 'e: ', 'error: '],
  start,
};

/** `pointed`: a caret came below it. */
type Open = { draft: Draft; more: string[]; lines: number; own: boolean; pointed: boolean };

function start(run: Run): Machine {
  let open: Open | null = null;
  let found = 0;
  let errors = 0;
  const flush = () => {
    if (open === null) return;
    const { draft, more, own, pointed } = open;
    open = null;
    found += 1;
    if (draft.severity === 'error') errors += 1;
    run.report({
      ...draft,
      message: [draft.message, ...more].join(' '),
      alike: own && !pointed && draft.code === null,
    });
  };
  return {
    line(line) {
      const headline = headlineOf(line);
      if (open !== null && headline === null) {
        // kotlinc itself shows the source line and a caret; the plugins only what is left of a long message.
        if (
          /^\s/.test(line) ||
          (open.own && line !== '' && open.lines < maxLines && !/^(?:error|warning|info): /.test(line))
        ) {
          open.lines += 1;
          if (/^ {0,2000}\^$/.test(line)) {
            open.pointed = true;
            flush();
            return 'yes';
          }
          if (!open.own && open.more.length < maxMore) open.more.push(line.trim().slice(0, 1000));
          return 'more';
        }
      }
      flush();
      if (headline !== null) {
        open = headline;
        return 'more';
      }
      if (/^(?:e|error): warnings found and -Werror specified/.test(line)) {
        errors += 1;
        run.report({ kind: 'lint', severity: 'error', message: line.replace(/^\w{1,5}: /, ''), raw: line });
        return 'yes';
      }
      const words = global.exec(line);
      if (words !== null && words[1] === 'e' && run.context.language === 'kotlin') {
        run.crashed(words[2] ?? '');
        return 'yes';
      }
      if (/^error: \S/.test(line) && run.alone()) {
        run.crashed(line.slice('error: '.length));
        return 'yes';
      }
      return 'no';
    },
    end(exit) {
      flush();
      // An error of an early phase hides what later phases would say.
      return found > 0 && errors === 0 && exit.exitCode === 0 && (run.alone() || run.builtAll());
    },
  };
}

function headlineOf(line: string): Open | null {
  const old = gradle.exec(line);
  const own = old === null ? alone.exec(line) : null;
  const at = old ?? own ?? maven.exec(line);
  // The name of a rule in brackets is detekt's.
  if (at === null || (own !== null && /\[[A-Z]\w{0,60}[a-z]\w{0,60}\]$/.test(line.slice(-140)))) return null;
  const level = (own === null ? at[1] : own[4]) ?? '';
  const [row, column] = own === null ? [at[3] ?? at[5], at[4] ?? at[6]] : [own[2], own[3]];
  return {
    own: own !== null,
    more: [],
    lines: 0,
    pointed: false,
    draft: {
      kind: 'lint',
      severity: severities[level as keyof typeof severities],
      tool_severity: level,
      // The newest compiler names its warnings in brackets.
      code: /\[([A-Z][A-Z0-9_]{2,80})\]$/.exec(at.at(-1) ?? '')?.[1] ?? null,
      // A URL of Windows has its drive behind a third slash.
      file: (own === null ? at[2] : own[1])?.replace(/^file:\/{3}(?=[A-Za-z]:)/, 'file://') ?? null,
      line: Number(row),
      column: Number(column),
      message: at.at(-1) ?? '',
      raw: line,
    },
  };
}
