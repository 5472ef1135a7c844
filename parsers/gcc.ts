import type { Edit } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { cDiagnostic } from './engine/c-source.ts';
import { type Fields, fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const diagnostic = cDiagnostic('(fatal error|error|warning): (.*)');
const flag = /^(.*?) ?\[(-W[^\]]{1,200})\]$/;
const link =
  /^(?:\S{1,1000}: )?(.{1,1000}?):(?:\([^)]{1,200}\)|(\d{1,7})): ((?:undefined reference to|multiple definition of) .*)$/;
const driver =
  /^(?:\S{0,200}\/)?(?:[\w.-]{0,40}-)?(?:gcc|g\+\+|cc|c\+\+|cc1|cc1plus|clang|clang\+\+)(?:-\d{1,2})?: (?:fatal )?error: (.*)$/;
const consequence = /^(?:linker command failed|ld returned|unable to execute command|all warnings being treated)/;

/** gcc and clang: their text, and gcc's `-fdiagnostics-format=json`. `note:` belongs to what is before it. */
export const gcc: Parser = {
  name: 'gcc',
  recipes: ['build'],
  silentTool: ({ command }) => nameOf(command),
  quiet: true,
  errorsOnly: true,
  sign: /^(?: {0,8}\d{0,7} \| |\s{0,400}\^[~^ ]{0,400}$|\S.{0,400}: In (?:function|member function|static|constructor|destructor|lambda|instantiation)|In file included from |compilation terminated\.|\d{1,6} (?:error|warning)s?(?: and \d{1,6} errors?)? generated\.)/,
  json: {
    is: (value) => listWith(value, isDiagnostic),
    cut: ['"kind":', '"caret":', '"children":'],
  },
  cues: [': warning: ', ' error: ', 'undefined reference to', 'multiple definition of', 'ing directory ', 'Building C'],
  start,
};

function isDiagnostic(item: Fields): boolean {
  return typeof item.kind === 'string' && typeof item.message === 'string' && Array.isArray(item.locations);
}

function nameOf(command: string): string {
  return /(?:^|[\s=/])clang(?:\+\+)?(?:-\d{1,2})?(?:\s|$)/.test(command.slice(0, 8192)) ? 'clang' : 'gcc';
}

function start(run: Run): Machine {
  const tool = nameOf(run.context.command);
  let seen = 0;
  let built = false;
  return {
    json(value) {
      for (const item of list(value).map(fields)) if (item.kind !== 'note') structured(item);
    },
    line(line, _stream, previous) {
      if (gcc.sign?.test(previous.slice(0, 1000))) run.sign();
      const found = diagnostic.exec(line);
      // clang-format's words, and the name of a check in brackets, which is clang-tidy's or cppcheck's.
      if (found !== null && line.endsWith('[-Wclang-format-violations]')) return 'no';
      if (found !== null && /\[(?!-W)[a-z][\w.+,-]{1,300}\]$/.test(line.slice(-400))) return 'no';
      if (found !== null) {
        const tagged = flag.exec((found[5] ?? '').slice(-3000));
        const message = tagged === null ? (found[5] ?? '') : (found[5] ?? '').replace(/ ?\[-W[^\]]{1,200}\]$/, '');
        report(found[4] ?? '', message, tagged?.[2] ?? null, line, {
          alike: tagged === null,
          file: found[1] ?? '',
          line: Number(found[2]),
          column: found[3] === undefined ? null : Number(found[3]),
        });
        return 'yes';
      }
      const linked = link.exec(line.slice(0, 4000));
      if (linked !== null) {
        const place = linked[2] === undefined ? null : Number(linked[2]);
        const code = linked[3]?.startsWith('undefined') ? 'undefined-reference' : 'multiple-definition';
        const file = place === null ? null : (linked[1] ?? '');
        run.report({
          kind: 'lint',
          severity: 'error',
          tool: 'ld',
          code,
          message: linked[3] ?? '',
          file,
          line: place,
          raw: line,
        });
        return 'yes';
      }
      const failed = driver.exec(line.slice(0, 4000))?.[1];
      if (failed !== undefined && !consequence.test(failed)) {
        run.crashed(line.slice(0, 2000), tool);
        return 'yes';
      }
      if (/^\[[ \d%/]{2,20}\] Building C/.test(line)) {
        built = true;
        run.saw(tool);
        return 'yes';
      }
      return 'no';
    },
    // A compiler that stops at an error says nothing of what comes after it.
    end: (exit) => exit.exitCode === 0 && (built || (seen > 0 && (run.alone() || run.builtAll()))),
  };

  function structured(item: Fields) {
    const { caret, start, finish } = fields(list(item.locations)[0]);
    const at = fields(caret ?? start);
    const to = fields(finish ?? caret);
    report(textOf(item.kind) ?? '', textOf(item.message) ?? '', textOf(item.option), item, {
      file: textOf(at.file) === null ? null : (textOf(at.file) ?? ''),
      line: numberOf(at.line),
      column: numberOf(at['byte-column']) ?? numberOf(at.column),
      end_line: numberOf(to.line),
      url: textOf(item.option_url),
      edits: list(item.fixits).map((one) => edit(fields(one))),
    });
  }

  function edit(fixit: Fields): Edit {
    const [start, next] = [fields(fixit.start), fields(fixit.next)];
    const file = textOf(start.file) ?? '';
    // Bytes are our columns only in a line of ASCII without tabs, where both ways to count agree; 0 is no place.
    const column = (at: Fields) => (at['byte-column'] === at['display-column'] ? (numberOf(at.column) ?? 0) : 0);
    const text = typeof fixit.string === 'string' ? fixit.string : '';
    const place = (at: Fields) => ({ line: numberOf(at.line) ?? 0, column: column(at) });
    return { file, start: place(start), end: place(next), text, safe: false };
  }

  function report(
    severity: string,
    message: string,
    option: string | null,
    raw: unknown,
    place: {
      file: string | null;
      line: number | null;
      column: number | null;
      end_line?: number | null;
      url?: string | null;
      edits?: Edit[];
      alike?: boolean;
    },
  ) {
    seen += 1;
    const code = option?.replace(/^-Werror(?:=|,-W)/, '-W').replace(/,.*$/, '') ?? null;
    run.report({
      kind: 'lint',
      severity: severity === 'warning' ? 'warn' : 'error',
      tool,
      tool_severity: severity,
      code,
      tool_code: option,
      message,
      raw,
      ...place,
    });
  }
}
