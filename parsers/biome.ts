import type { Draft, Machine, Parser, Run, Stream } from './define.ts';
import { biomeDiagnostic, biomeSeverities as severities } from './engine/biome-diagnostic.ts';
import { fields, isFields, list, listWith, numberOf } from './engine/json-value.ts';

const category = '(?:(?:lint|assist|suppressions|plugin)(?:/[\\w/-]{1,200})?|format|parse|organizeImports)';
const header = new RegExp(`^(\\S.{0,1023}?)(?::(\\d{1,7}):(\\d{1,7}))? (${category})(?: {1,2}FIXABLE)? +\\u2501{3,}$`);
const failure = /^(?:\S.{0,1023}? )?(configuration|deserialize|internalError\/\w{1,60}|fs\/?\w{0,60}) +\u2501{3,}$/;
const github = new RegExp(
  `^::(error|warning|notice) title=(${category}),file=(.{1,1023}?),line=(\\d{1,7}),endLine=(\\d{1,7}),col=(\\d{1,7}),endColumn=\\d{1,7}::(.*)$`,
);
/** Of the reporter `summary`: lists of files, and a table of rules with how often they were broken. */
const listing = /The following files (?:need to be (formatted)|have (parsing) errors):$/;
const rule = /^ {2}((?:lint|assist)\/[\w/]{1,200}) +(\d{1,9} \((.{1,100})\))$/;
const said = /^ {2}(\u2716|\u00d7|\u26a0|!|\u2139|i) (.*)$/;
const marks: Record<string, string> = { '✖': 'error', '×': 'error', '⚠': 'warning', '!': 'warning' };

/** `biome check`, `ci`, `lint`, `format`: its text, `--reporter=json` (1.x with spans, 2.x with places), `github` and `summary`. */
export const biome: Parser = {
  name: 'biome',
  recipes: ['lint'],
  together: true,
  json: {
    is: (value) =>
      isFields(value) &&
      typeof value.command === 'string' &&
      isFields(value.summary) &&
      Array.isArray(value.diagnostics) &&
      (value.diagnostics.length === 0 || listWith(value.diagnostics, (item) => 'category' in item)),
    cut: ['"summary":', '"changed":', '"unchanged":'],
  },
  cues: [
    ' lint/',
    ' assist/',
    ' suppressions/',
    ' plugin ',
    ' format ',
    ' parse ',
    ' organizeImports ',
    'configuration ',
    ' deserialize ',
    ' internalError/',
    ' fs/',
    '::error title=',
    '::warning title=',
    '::notice title=',
    'Checked ',
    'Found ',
    'The following files ',
    'Diagnostics not shown: ',
  ],
  start,
};

function start(run: Run): Machine {
  let ended = false;
  let hidden = false;
  let listed: 'format' | 'parse' | null = null;
  let announced = 0;
  let told = 0;
  let open: { draft: Draft | null; words: string[]; stream: Stream; ttl: number } | null = null;
  const close = () => {
    const own = open;
    open = null;
    if (own === null || own.words.length === 0) return;
    const message = own.words.join(' ');
    told += 1;
    if (own.draft === null) run.crashed(message);
    else run.report({ ...own.draft, message });
  };
  return {
    json(value) {
      ended = true;
      if ((numberOf(fields(fields(value).summary).diagnosticsNotPrinted) ?? 0) > 0) hidden = true;
      for (const item of list(fields(value).diagnostics).map(fields)) biomeDiagnostic(run, item);
    },
    line(line, stream) {
      if (open !== null && open.stream === stream) {
        const own = open;
        const first = said.exec(line);
        if (own.words.length === 0 && first !== null) {
          const level = marks[first[1] ?? ''] ?? 'information';
          if (own.draft !== null)
            Object.assign(own.draft, { tool_severity: level, severity: severities[level] ?? 'info' });
          own.words.push(first[2] ?? '');
          return 'more';
        }
        own.ttl -= 1;
        if (own.ttl > 0 && own.words.length === 0 && line.trim() === '') return 'more';
        if (own.ttl > 0 && own.words.length > 0 && /^ {4}\S/.test(line)) {
          own.words.push(line.trim().slice(0, 2000));
          return 'more';
        }
        close();
      }
      const begun = listing.exec(line.slice(0, 200));
      if (begun !== null) listed = begun[1] === undefined ? 'parse' : 'format';
      if (listed !== null && /^\s*$|^ {2}- \S|:$/.test(line.slice(0, 1100))) {
        if (line.startsWith('  - '))
          summarized(listed, listed === 'format' ? 'File content differs' : 'Parsing errors', line);
        return 'more';
      }
      listed = null;
      const row = rule.exec(line.slice(0, 400));
      if (row !== null) {
        summarized(row[1] ?? '', row[2] ?? '', line);
        return 'yes';
      }
      const at = header.exec(line);
      const broken = at === null ? failure.exec(line) : null;
      if (at !== null || broken !== null) {
        close();
        open = { draft: at === null ? null : draftOf(at, line), words: [], stream, ttl: 12 };
        run.saw();
        return 'more';
      }
      const noted = github.exec(line);
      if (noted !== null) {
        annotation(noted, line);
        return 'yes';
      }
      const count = /^Found (\d{1,9}) (?:error|warning|info)s?\.$/.exec(line)?.[1];
      if (count !== undefined && ended) announced += Number(count);
      else if (/^Diagnostics not shown: \d/.test(line)) hidden = true;
      else if (!/^Checked \d{1,9} files? in \S{1,20}\. /.test(line)) return 'no';
      else ended = true;
      run.saw();
      return 'yes';
    },
    end(exit) {
      // What a cut log broke off in is not known.
      if (exit.reason === 'exited') close();
      return ended && !hidden && announced <= told;
    },
  };

  function summarized(code: string, message: string, raw: string) {
    const file = raw.startsWith('  - ') ? raw.slice(4) : null;
    const level =
      /\d error/.test(message) || file !== null ? 'error' : /\d warning/.test(message) ? 'warning' : 'information';
    const severity = severities[level] ?? 'info';
    run.report({ kind: 'lint', severity, tool_severity: level, code, file, message, raw });
  }

  function annotation([, level, code, file, line, end, column, message]: RegExpExecArray, raw: string) {
    const severity = level === 'error' ? 'error' : level === 'warning' ? 'warn' : 'info';
    const place = { file: file ?? null, line: Number(line), column: Number(column), end_line: Number(end) };
    run.report({
      ...{ kind: 'lint', severity, tool_severity: level ?? null, code: code ?? null, raw },
      // A file that is formatted otherwise is so as a whole.
      ...(code === 'format' ? { file: file ?? null } : place),
      message: message ?? '',
    });
  }
}

function draftOf([, file, line, column, code]: RegExpExecArray, raw: string): Draft {
  return {
    kind: 'lint',
    severity: 'error',
    code: code ?? null,
    file: file ?? null,
    line: line === undefined ? null : Number(line),
    column: column === undefined ? null : Number(column),
    message: '',
    raw,
  };
}
