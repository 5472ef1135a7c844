import type { Draft, Machine, Parser, Run } from './define.ts';

const plain = /^((?:[A-Za-z]:)?[^:]{1,1023}\.java):(\d{1,7}): (error|warning): (.*)$/;
const ant = /^ {0,16}\[javac\] /;
const maven = /^\[(ERROR|WARNING)\] (.{1,1023}\.java):\[(\d{1,7})(?:,(\d{1,7}))?\] (?:(?:error|warning): )?(.*)$/;
/** Maven's checkstyle plugin writes the same place, then `(group) Rule: `. */
const checkstyle = /^\([a-z]{1,40}\) [A-Z]\w{1,80}: /;
const global = /^warning: \[([a-z][\w-]{0,40})\] (.*)$/;
const fatal = /^\[ERROR\] Failed to execute goal \S{1,300} .{0,200}?: Fatal error compiling: (.{1,1000})$/;
const lint = /^\[([a-z][\w-]{0,40})\] /;
const maxDetails = 12;

/** What may follow a headline: javac shows the source line and a caret first, Maven has details at once. */
type Open = {
  draft: Draft;
  next: 'excerpt' | 'caret' | 'details' | 'nothing';
  details: string[];
  /** Others print such a line, too, but not what comes after it. */
  isAlike: boolean;
};

/** `javac` alone, out of Gradle and Ant, and as Maven's compiler plugin rewrites it. */
export const javac: Parser = {
  name: 'javac',
  recipes: ['build', 'lint', 'test'],
  quiet: true,
  errorsOnly: true,
  sign: /^(?:\d{1,6} (?:error|warning)s?|Note: .{1,300}\.java .{1,80}|Note: Recompile with .*)$/,
  cues: [
    '.java:',
    '] Compiling ',
    'Nothing to compile',
    ' errors',
    ' warnings',
    'BUILD SUCCESS',
    'error: ',
    'warning: [',
    'Usage: javac',
    'Fatal error compiling: ',
  ],
  start,
};

function start(run: Run): Machine {
  let open: Open | null = null;
  let found = 0;
  let errors = 0;
  let compiled = false;
  let partial = false;
  let built = false;

  const flush = () => {
    if (open === null) return;
    const { draft, details, isAlike } = open;
    open = null;
    found += 1;
    if (draft.severity === 'error') errors += 1;
    run.report({ ...draft, message: [draft.message, ...details].join(' '), alike: isAlike });
  };

  /** What has no place in a file. */
  const elsewhere = (line: string) => {
    const words = global.exec(line);
    if (words !== null) {
      found += 1;
      const draft = {
        severity: 'warn',
        tool_severity: 'warning',
        code: words[1] ?? null,
        message: words[2] ?? '',
      } as const;
      run.report({ kind: 'lint', ...draft, raw: line });
      return 'yes';
    }
    const failure = fatal.exec(line.slice(0, 2000))?.[1];
    if (failure === undefined) return 'no';
    run.crashed(failure.replace(/ -> \[Help 1\]$/, ''));
    return 'yes';
  };

  return {
    line(printed, _stream, previous) {
      const line = printed.replace(ant, '');
      const headline = headlineOf(line);
      if (open !== null && headline === null && follows(open, line)) return 'more';
      flush();
      if (headline !== null) {
        open = headline;
        return 'more';
      }
      if (/^\[INFO\] Compiling \d{1,7} source files? /.test(line)) compiled = true;
      // What is not compiled again does not show its warnings again; of many only the first are shown.
      else if (/^\[INFO\] Nothing to compile|^only showing the first |^(?:\[INFO\] )?100 (?:error|warning)s/.test(line))
        partial = true;
      else if (/^\[INFO\] BUILD SUCCESS$/.test(line) && compiled) {
        built = true;
        run.saw();
      } else if (/^error: warnings found and -Werror /.test(line)) {
        run.report({ kind: 'lint', severity: 'error', tool_severity: 'error', message: line.slice(7), raw: line });
        return 'yes';
      } else if (/^Usage: javac /.test(line) && previous.startsWith('error: ')) {
        run.crashed(previous.slice('error: '.length));
        return 'yes';
      } else return elsewhere(line);
      return 'no';
    },
    end(exit) {
      flush();
      // An error of an early phase hides what later phases would say.
      if (errors > 0 || partial || exit.exitCode !== 0) return false;
      return compiled ? built : found > 0 && (run.alone() || run.builtAll());
    },
  };
}

function headlineOf(line: string): Open | null {
  const viaMaven = maven.exec(line);
  const at = viaMaven === null ? plain.exec(line) : null;
  if ((viaMaven === null && at === null) || checkstyle.test(viaMaven?.[5] ?? '')) return null;
  const words = viaMaven?.[5] ?? at?.[4] ?? '';
  const key = lint.exec(words);
  const level = viaMaven?.[1] ?? at?.[3] ?? '';
  // Maven writes `/C:/a.java` on Windows.
  const file = viaMaven?.[2]?.replace(/^\/(?=[A-Za-z]:)/, '') ?? at?.[1];
  return {
    next: viaMaven === null ? 'excerpt' : 'details',
    isAlike: viaMaven === null && key === null,
    details: [],
    draft: {
      kind: 'lint',
      severity: level.toLowerCase() === 'error' ? 'error' : 'warn',
      tool_severity: level,
      code: key?.[1] ?? null,
      file: file ?? null,
      line: Number(viaMaven?.[3] ?? at?.[2]),
      column: viaMaven?.[4] === undefined ? null : Number(viaMaven[4]),
      message: key === null ? words : words.slice(key[0].length),
      raw: line,
    },
  };
}

function follows(open: Open, line: string): boolean {
  if (open.next === 'excerpt') {
    open.next = 'caret';
    return !/^(?:\d{1,7} (?:error|warning)s?|Note: .*|FAILURE: .*|> .*|[^\s:]{1,500}:\d{1,7}:.*)$/.test(line);
  }
  if (open.next === 'caret') {
    open.next = 'details';
    if (!/^\s{0,2000}\^$/.test(line)) return false;
    open.draft.column = line.length;
    open.isAlike = false;
    return true;
  }
  // The list at Maven's end has its prefix before the details too.
  const text = line.replace(/^\[(?:ERROR|WARNING)\] {2}/, '  ');
  if (!/^ {2,}\S/.test(text)) return false;
  // Type variables are explained at length.
  if (/^ {2,}where \S/.test(text)) open.next = 'nothing';
  if (open.next === 'details' && open.details.length < maxDetails) {
    open.details.push(text.trim().replace(/\s+/g, ' ').slice(0, 1000));
  }
  return true;
}
