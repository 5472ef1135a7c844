import type { Severity } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const levels: Readonly<Record<string, Severity>> = {
  High: 'error',
  Medium: 'warn',
  Low: 'info',
  Informational: 'info',
  Unknown: 'info',
  error: 'error',
  warning: 'warn',
  help: 'info',
  info: 'info',
  note: 'info',
};
const header = /^(error|warning|help|info|note)\[([a-z][a-z-]{2,60})\]: (.*)$/;
const place = /^ *--> (.+?\.ya?ml):(\d{1,7}):(\d{1,7})$/;

/** `zizmor` as JSON and as it prints for people: each audit is one finding, at its first marked place. */
export const zizmor: Parser = {
  name: 'zizmor',
  recipes: ['audit', 'lint'],
  json: {
    is: (value) => listWith(value, (item) => 'determinations' in item && ('ident' in item || 'locations' in item)),
    cut: ['"ident":', '"determinations":'],
  },
  cues: ['--> ', 'zizmor: ', 'No findings to report', ' findings (', ' finding (', 'fatal: no audit was performed'],
  start,
};

function start(run: Run): Machine {
  let documents = 0;
  let found = 0;
  let summed = false;
  let failing = false;
  return {
    json(value) {
      documents += 1;
      for (const item of list(value).map(fields)) structured(item);
    },
    line(line, _stream, previous) {
      if (failing) {
        failing = false;
        run.crashed(line.slice(0, 1000));
        return 'yes';
      }
      const at = place.exec(line);
      const head = at === null ? null : header.exec(previous);
      if (at !== null && head !== null) {
        found += 1;
        run.report({
          kind: 'lint',
          severity: levels[head[1] ?? ''] ?? 'warn',
          tool_severity: head[1] ?? null,
          code: head[2] ?? null,
          file: at[1] ?? null,
          line: Number(at[2]),
          column: Number(at[3]),
          message: head[3] ?? '',
          url: `https://docs.zizmor.sh/audits/#${head[2]}`,
          raw: `${previous}\n${line}`,
        });
        return 'yes';
      }
      if (line === 'fatal: no audit was performed') {
        failing = true;
        return 'more';
      }
      if (/^ {0,4}INFO zizmor: /.test(line)) {
        run.saw();
        return 'yes';
      }
      if (!/^(?:No findings to report\.|\d{1,7} findings? \()/.test(line)) return 'no';
      if (line.startsWith('No') || found > 0) summed = true;
      return 'yes';
    },
    end: (exit) => documents > 0 || summed || (exit.exitCode === 0 && found === 0 && run.alone()),
  };

  function structured(item: Fields) {
    const marks = list(item.locations).map(fields);
    const main = marks.find((one) => fields(one.symbolic).kind === 'Primary') ?? marks[0] ?? {};
    const { key, annotation } = fields(main.symbolic);
    const local = fields(fields(key).Local);
    const { location } = fields(main.concrete);
    const [from, to] = [fields(fields(location).start_point), fields(fields(location).end_point)];
    const { severity } = fields(item.determinations);
    const code = textOf(item.ident);
    if (item.ignored === true) return;
    found += 1;
    const said = [textOf(item.desc), textOf(annotation)].filter((one) => one !== null);
    run.report({
      kind: 'lint',
      severity: levels[textOf(severity) ?? ''] ?? 'warn',
      tool_severity: textOf(severity),
      code,
      file: textOf(local.verbatim_path) ?? textOf(local.given_path),
      // Rows and columns count from 0.
      line: plusOne(from.row),
      column: plusOne(from.column),
      end_line: plusOne(to.row),
      message: said.join(': '),
      url: textOf(item.url),
      raw: item,
    });
  }
}

function plusOne(value: unknown): number | null {
  const number = numberOf(value);
  return number === null ? null : number + 1;
}
