import type { Edit } from '../events/finding.ts';
import type { Json, Machine, Parser, Run } from './define.ts';
import { goLinters } from './engine/go-linters.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf, wordOf } from './engine/json-value.ts';

const text = /^(vet: )?(\S[^:]{0,1023}\.(?:go|s|c|h)):(\d{1,7})(?::(\d{1,7}))?: (.*)$/;

const lastWord = / \(([A-Za-z][A-Za-z0-9_-]{0,40})\)$/;

/** `go vet`, as JSON and as text, and the compiler's errors of `go build` and `go test` (tool `go-build`). */
export const goVet: Parser = {
  name: 'go-vet',
  recipes: ['lint', 'build', 'test'],
  programs: ['go vet', 'go build', 'go install'],
  silentTool: (_context, runs) => (runs(['go vet']) ? 'go-vet' : 'go-build'),
  quiet: true,
  json: { is: isReport, cut: ['"posn"'] },
  cues: ['.go:', '# ', 'vet: '],
  anyExit: true,
  start,
};

/** Lines of staticcheck and golangci-lint end with who says so. */
function isOfAnother(line: string): boolean {
  const word = lastWord.exec(line.slice(-60))?.[1] ?? '';
  return goLinters.has(word) || /^(?:(?:SA|ST|QF|S|U)\d{4}|compile)$/.test(word);
}

function isReport(value: Json): boolean {
  if (!isFields(value)) return false;
  const packages = Object.values(value);
  return (
    packages.length > 0 &&
    packages.some((one) => isFields(one) && Object.keys(one).length > 0 && Object.values(one).some(isAnalysis))
  );
}

function isAnalysis(value: Json): boolean {
  if (isFields(value)) return Object.keys(value).length === 1 && typeof value.error === 'string';
  return listWith(value, (item) => typeof item.posn === 'string' && typeof item.message === 'string');
}

function start(run: Run): Machine {
  let documents = 0;
  let named = false;
  let lines = 0;
  let broken = false;
  return {
    json(value) {
      documents += 1;
      for (const analyses of Object.values(fields(value))) {
        for (const [analyzer, found] of Object.entries(fields(analyses))) {
          if (isFields(found)) run.crashed(`${analyzer}: ${textOf(found.error) ?? ''}`);
          for (const item of list(found)) diagnostic(analyzer, fields(item));
        }
      }
    },
    line(line) {
      if (/^# [\w./~-]{1,500}(?: \[\S{1,500}\])?$/.test(line)) {
        named = true;
        return 'yes';
      }
      const found = isOfAnother(line) ? null : text.exec(line);
      // Since Go 1.26 `go vet` names no package above its lines.
      const isVets = found?.[4] !== undefined && run.runs('go vet');
      if (found === null || !(named || isVets || found[1] !== undefined)) {
        if (!/^vet: /.test(line)) return 'no';
        run.crashed(line.slice(5));
        return 'yes';
      }
      lines += 1;
      const compiled = found[1] !== undefined || !run.runs('go vet');
      if (compiled) broken = true;
      run.report({
        kind: 'lint',
        severity: compiled ? 'error' : 'warn',
        tool: compiled ? 'go-build' : 'go-vet',
        code: compiled ? 'compile' : 'vet',
        tool_code: null,
        file: found[2] ?? null,
        line: Number(found[3]),
        column: found[4] === undefined ? null : Number(found[4]),
        message: found[5] ?? '',
        raw: line,
      });
      return 'yes';
    },
    end: (exit) => !broken && ((documents > 0 && exit.exitCode === 0) || (lines > 0 && run.alone('go vet'))),
  };

  function diagnostic(analyzer: string, item: Fields) {
    const at = /^(.{1,1023}?):(\d{1,7})(?::(\d{1,7}))?$/.exec(textOf(item.posn) ?? '');
    const fix = fields(list(item.suggested_fixes)[0]);
    run.report({
      kind: 'lint',
      severity: 'warn',
      code: analyzer,
      file: at?.[1] ?? null,
      line: at === null ? null : Number(at[2]),
      column: at?.[3] === undefined ? null : Number(at[3]),
      message: textOf(item.message) ?? '',
      suggested_fix: textOf(fix.message),
      edits: edits(fix),
      raw: { analyzer, ...item },
    });
  }
}

/** Offsets count bytes: they are right as they stand only for a file in ASCII, so the edits are not called safe. */
function edits(fix: Fields): Edit[] {
  return list(fix.edits).map((item) => {
    const { filename, start, end, new: words } = fields(item);
    const from = numberOf(start) ?? -1;
    return {
      file: textOf(filename) ?? '',
      start: { offset: from },
      end: { offset: numberOf(end) ?? from },
      text: wordOf(words),
      safe: false,
    };
  });
}
