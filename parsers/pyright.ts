import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf } from './engine/json-value.ts';

const severities = { error: 'error', warning: 'warn', information: 'info' } as const;
const plain = /^ {0,8}(\S.{0,1023}?):(\d{1,7}):(\d{1,7}) - (error|warning|information): (.*)$/;
const sum = /^(\d{1,7}) errors?, (\d{1,7}) warnings?, \d{1,7} (?:information|note)s? ?$/;
const rule = / \((report\w{3,60})\)$/;
const maxWords = 40;

type Open = { at: RegExpExecArray; words: string[] };

/** `pyright` and `basedpyright`: `--outputjson` and their text, in which indented lines go on with what was said. */
export const pyright: Parser = {
  name: 'pyright',
  recipes: ['lint'],
  json: {
    is: (value) => isFields(value) && Array.isArray(value.generalDiagnostics),
    cut: ['"generalDiagnostics"'],
  },
  cues: [
    ' - error: ',
    ' - warning: ',
    ' - information: ',
    ' errors, ',
    ' error, ',
    ' entry must ',
    'No source files found',
  ],
  start,
};

function start(run: Run): Machine {
  let summed = false;
  let open: Open | null = null;
  return {
    json(value) {
      const { generalDiagnostics, summary } = fields(value);
      // A run that looked at nothing proves nothing.
      if (fields(summary).filesAnalyzed !== 0) summed = true;
      for (const item of list(generalDiagnostics).map(fields)) structured(item);
    },
    line(line) {
      const at = plain.exec(line);
      if (open !== null && at === null && /^[ \u00a0]{4,}\S/.test(line)) {
        if (open.words.length < maxWords) open.words.push(line.replace(/^\s+/, '').slice(0, 2000));
        return 'more';
      }
      flush();
      if (at !== null) {
        // tsc prints alike, of other files and with numbers of its own.
        if (/^TS\d/.test(at[5] ?? '') || !/\.(?:pyi?|ipynb)$/.test(at[1] ?? '')) return 'no';
        open = { at, words: [(at[5] ?? '').slice(0, 4000)] };
        return 'more';
      }
      if (sum.test(line)) {
        summed = true;
        run.saw();
        return 'yes';
      }
      if (!run.runs()) return 'no';
      if (!/^(?:Config "|No source files found)/.test(line)) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end() {
      flush();
      return summed;
    },
  };

  function flush() {
    if (open === null) return;
    const { at, words } = open;
    open = null;
    const whole = words.join('\n');
    const named = rule.exec(whole.slice(-200));
    report(at[4] ?? '', named?.[1] ?? null, named === null ? whole : whole.slice(0, -named[0].length), whole, {
      file: at[1] ?? null,
      line: Number(at[2]),
      column: Number(at[3]),
    });
  }

  function structured(item: Fields) {
    const range = fields(item.range);
    const [from, to] = [fields(range.start), fields(range.end)];
    const place = {
      file: textOf(item.file) ?? textOf(item.uri),
      line: plusOne(from.line),
      column: plusOne(from.character),
      end_line: plusOne(to.line),
    };
    // Its non-breaking blanks tell how deep an explanation is.
    report(
      textOf(item.severity) ?? '',
      textOf(item.rule),
      (textOf(item.message) ?? '').replaceAll('\u00a0', ' '),
      item,
      place,
    );
  }

  function report(
    severity: string,
    code: string | null,
    message: string,
    raw: unknown,
    place: { file: string | null; line: number | null; column: number | null; end_line?: number | null },
  ) {
    run.report({
      kind: 'lint',
      severity: severities[severity as keyof typeof severities] ?? 'error',
      tool_severity: severity,
      // Only the rules of the checker have names; the parser's words have none.
      code: code ?? 'syntax',
      tool_code: code,
      message: message.replace(/\n\s+/g, '\n  '),
      raw,
      ...place,
    });
  }
}

/** Lines and characters count from 0. */
function plusOne(value: unknown): number | null {
  const number = numberOf(value);
  return number === null ? null : number + 1;
}
