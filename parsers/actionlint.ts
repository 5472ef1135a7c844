import type { Machine, Parser, Run } from './define.ts';
import { fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

const plain = /^(\S[^:]{0,1023}\.ya?ml|<stdin>):(\d{1,7}):(\d{1,7}): (\S.*) \[([a-z][a-z-]{1,60})\]$/;

/** `actionlint`: its text, and `-format '{{json .}}'`. What it finds in scripts is shellcheck's and pyflakes', in its words. */
export const actionlint: Parser = {
  name: 'actionlint',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) => listWith(value, (item) => 'kind' in item && ('filepath' in item || 'snippet' in item)),
    cut: ['"filepath":', '"snippet":', '"kind":'],
  },
  cues: ['.yml:', '.yaml:', '<stdin>:', 'no project was found', 'verbose: Found total '],
  start,
};

/** https://github.com/rhysd/actionlint/blob/main/docs/checks.md */
const rules: ReadonlySet<string> = new Set(
  'action credentials deprecated-commands env-var events expression glob id if-cond job-needs matrix permissions pyflakes runner-label shell-name shellcheck syntax-check workflow-call'.split(
    ' ',
  ),
);

function start(run: Run): Machine {
  let documents = 0;
  let found = 0;
  let totalled = false;
  let unread = false;
  return {
    json(value) {
      documents += 1;
      for (const item of list(value).map(fields)) {
        const place = { line: numberOf(item.line), column: numberOf(item.column) };
        report(textOf(item.filepath), place, textOf(item.message) ?? '', textOf(item.kind), item);
      }
    },
    line(line) {
      // Words of labels may be long.
      const at = /\.ya?ml:\d|^<stdin>/.test(line.slice(0, 1024)) ? plain.exec(line.slice(0, 8192)) : null;
      if (at !== null) {
        const isOwn = rules.has(at[5] ?? '') || /\.github\/|<stdin>/.test(at[1] ?? '') || run.runs();
        if (!isOwn || /^(?:error|warning): /.test(at[4] ?? '')) return 'no';
        const place = { line: Number(at[2]), column: Number(at[3]) };
        report(at[1] ?? null, place, at[4] ?? '', at[5] ?? null, line);
        return 'yes';
      }
      if (/^verbose: Found total \d+ errors? in \d+ ms for /.test(line)) {
        totalled = true;
        run.saw();
        return 'yes';
      }
      if (!run.runs() || !/^no project was found|^fatal error/.test(line)) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => !unread && (documents > 0 || ((found > 0 || totalled) && run.alone())),
  };

  function report(
    file: string | null,
    place: { line: number | null; column: number | null },
    message: string,
    kind: string | null,
    raw: unknown,
  ) {
    found += 1;
    unread ||= message.startsWith('could not parse as YAML');
    // Inside of scripts the rule is the one of the tool that looked at them.
    const inner = kind === 'shellcheck' ? (/\b(SC\d{4})\b/.exec(message.slice(0, 200))?.[1] ?? kind) : kind;
    run.report({
      kind: 'lint',
      severity: /^shellcheck reported issue in this script: SC\d{4}:(?:info|style)/.test(message) ? 'warn' : 'error',
      code: inner,
      tool_code: kind,
      file,
      ...place,
      message,
      raw,
    });
  }
}
