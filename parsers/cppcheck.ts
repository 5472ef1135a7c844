import type { Machine, Parser, Run } from './define.ts';
import { cDiagnostic, isCSource } from './engine/c-source.ts';
import { attribute, child, markup, wholeNumber } from './engine/xml-element.ts';

const severities = {
  error: 'error',
  warning: 'warn',
  performance: 'warn',
  portability: 'warn',
  style: 'info',
  information: 'info',
} as const;
const diagnostic = cDiagnostic(
  '(error|warning|style|performance|portability|information): (.*) \\[([a-zA-Z_]\\w{1,100})\\]',
);
/** Before 2.0: `[a.c:3] -> [a.c:8]: (error) words`, of which the last place is the error's. */
const old =
  /^(?:\[[^\]]{1,1000}\] -> ){0,30}\[([^\]:]{1,1000}):(\d{1,7})\]: \((error|warning|style|performance|portability|information)\) (.*)$/;
/** Where one of these is reported, the rest of its file was not checked. */
const gaveUp = new Set(['syntaxError', 'internalError', 'internalAstError', 'unknownMacro', 'cppcheckError']);

/** `cppcheck`: XML version 2 and 3, and its text. What it says of its own limits, without a place, is no finding. */
export const cppcheck: Parser = {
  name: 'cppcheck',
  recipes: ['lint'],
  xml: {
    roots: ['results'],
    is: (root) => /^[23]$/.test(attribute(root, 'version') ?? ''),
    units: ['error'],
  },
  cues: [
    ': error: ',
    ': warning: ',
    ': style: ',
    ': performance: ',
    ': portability: ',
    ': (',
    'Checking ',
    'cppcheck: error: ',
  ],
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let checked = false;
  let seen = 0;
  let broken = false;
  return {
    xml(element, parents) {
      if (parents.length === 0) {
        documents += 1;
        return;
      }
      const place = child(element, 'location');
      const severity = attribute(element, 'severity') ?? '';
      if (place === undefined && severity === 'information') return;
      report(
        severity,
        attribute(element, 'msg') ?? attribute(element, 'verbose') ?? '',
        attribute(element, 'id'),
        markup(element),
        {
          file: attribute(place, 'file') ?? attribute(element, 'file0'),
          line: wholeNumber(place, 'line'),
          column: wholeNumber(place, 'column'),
        },
      );
    },
    line(line) {
      const found = diagnostic.exec(line);
      if (found !== null) {
        report(found[4] ?? '', found[5] ?? '', found[6] ?? null, line, {
          file: found[1] ?? null,
          line: Number(found[2]),
          column: found[3] === undefined ? null : Number(found[3]),
        });
        return 'yes';
      }
      const before = old.exec(line);
      if (before !== null && isCSource(before[1] ?? '')) {
        const place = { file: before[1] ?? null, line: Number(before[2]), column: null };
        report(before[3] ?? '', before[4] ?? '', null, line, place);
        return 'yes';
      }
      const file = /^Checking (.{1,1000}?)(?:: .{1,500})? ?\.\.\.$/.exec(line)?.[1];
      if (file !== undefined && isCSource(file)) {
        checked = true;
        run.saw();
        return 'yes';
      }
      if (!line.startsWith('cppcheck: error: ')) return 'no';
      run.crashed(line.slice(0, 2000));
      return 'yes';
    },
    end() {
      const { command } = run.context;
      // Text proves something only where none of it went elsewhere or was written in words of one's own.
      const plain = run.alone() && !/--(?:output-file|output-format|template)/.test(command);
      const printed = documents > 0 || (plain && (checked || seen > 0));
      return !broken && printed;
    },
  };

  function report(
    severity: string,
    message: string,
    code: string | null,
    raw: string,
    place: { file: string | null; line: number | null; column: number | null },
  ) {
    seen += 1;
    if (code !== null && gaveUp.has(code)) broken = true;
    run.report({
      kind: 'lint',
      severity: Object.hasOwn(severities, severity) ? severities[severity as keyof typeof severities] : 'warn',
      tool_severity: severity,
      code,
      message,
      raw,
      ...place,
    });
  }
}
