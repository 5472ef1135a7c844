import type { Machine, Parser, Run } from './define.ts';

const levels = { Symbol: 'symbol', Package: 'package', Module: 'module' } as const;
const severities = { symbol: 'high', package: 'low', module: 'info' } as const;
type Level = keyof typeof severities;
const what = { symbol: 'is called', package: 'is imported, not called', module: 'is required, not imported' } as const;
const maxLines = 60;

type Block = { id: string; level: Level; lines: string[] };

/** `govulncheck` as text (0.x to 1.x); as JSON it is read by `govulncheck.ts`, in the same terms. */
export const govulncheckText: Parser = {
  name: 'govulncheck-text',
  tool: 'govulncheck',
  recipes: ['audit'],
  cues: [
    'Vulnerability #',
    ' Results ===',
    '=== Informational',
    'No vulnerabilities found',
    'Your code ',
    'This scan ',
  ],
  start,
};

function start(run: Run): Machine {
  let level: Level = 'symbol';
  let sections = 0;
  let whole = false;
  /** What is only counted, unless it is asked for with `-show verbose`. */
  let unlisted = false;
  let verbose = false;
  let block: Block | null = null;
  const flush = () => {
    if (block !== null) report(run, block);
    block = null;
  };
  return {
    line(line) {
      if (block !== null) {
        if ((/^ {2}/.test(line) || line === '') && block.lines.length < maxLines) {
          block.lines.push(line.slice(0, 500));
          return 'more';
        }
        flush();
      }
      const id = /^Vulnerability #\d{1,6}: (GO-\d{4}-\d{1,8})$/.exec(line)?.[1];
      if (id !== undefined) {
        block = { id, level, lines: [] };
        run.saw();
        return 'more';
      }
      const section = /^=== (Symbol|Package|Module) Results ===$/.exec(line)?.[1];
      if (section !== undefined) {
        sections += 1;
        level = levels[section as keyof typeof levels];
        if (level !== 'symbol') verbose = true;
        run.saw();
        return 'yes';
      }
      if (/^=== Informational ===$/.test(line)) {
        level = 'package';
        verbose = true;
        return 'yes';
      }
      if (
        (/^No vulnerabilities found\.?$/.test(line) && (sections > 0 || run.runs())) ||
        /^Your code is affected by \d{1,6} vulnerabilit/.test(line)
      ) {
        whole = true;
        run.saw();
        return 'yes';
      }
      const also = /^This scan (?:also )?found (\d{1,6}) vulnerabilit\w{1,3}(?:.{1,40}? and (\d{1,6})\b)?/.exec(line);
      if (also === null) return 'no';
      unlisted = Number(also[1]) > 0 || Number(also[2] ?? 0) > 0;
      return 'yes';
    },
    end() {
      flush();
      return whole && (verbose || !unlisted);
    },
  };
}

function report(run: Run, { id, level, lines }: Block): void {
  const of = (pattern: RegExp) => lines.map((line) => pattern.exec(line)).find((found) => found !== null) ?? null;
  const found = of(/^ {2,6}Found in: (\S{1,256})@(\S{1,128})$/);
  const fixed = of(/^ {2,6}Fixed in: \S{1,256}@(\S{1,128})$/)?.[1] ?? null;
  const standard = of(/^ {2}(Standard library)$/) !== null;
  const name = standard ? 'stdlib' : (of(/^ {2}Module: (\S{1,256})$/)?.[1] ?? found?.[1] ?? '');
  const at = of(/^ {4,8}(?:#\d{1,4}: )?([^\s:][^:]{0,500}\.go):(\d{1,7}):(\d{1,7}): (.*)$/);
  const called = / calls (\S{1,300})$/.exec(at?.[4] ?? '')?.[1] ?? 'the module';
  const summary = lines.filter((line) => /^ {4}[^\s#]/.test(line));
  const end = lines.findIndex((line) => /^ {2}\S/.test(line));
  const about = summary.filter((line) => lines.indexOf(line) < end).map((line) => line.trim());
  const version = found?.[2] ?? null;
  run.report({
    kind: 'cve',
    severity: severities[level],
    tool_severity: level,
    code: id,
    file: level === 'symbol' ? (at?.[1] ?? null) : null,
    line: at === null ? null : Number(at[2]),
    column: at === null ? null : Number(at[3]),
    message: `${name} ${version ?? ''}: ${about.join(' ') || id} (${called} ${what[level]})`,
    package: name,
    installed_version: version,
    fixed_version: fixed,
    suggested_fix: fixed === null ? null : `bump ${name} to ${fixed}`,
    url: of(/^ {2}More info: (\S{1,500})$/)?.[1] ?? `https://pkg.go.dev/vuln/${id}`,
    raw: [`Vulnerability: ${id}`, ...lines].join('\n'),
  });
}
