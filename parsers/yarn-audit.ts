import type { LogContext, Machine, Parser, Run } from './define.ts';
import { advisoryBox } from './engine/advisory-box.ts';
import { type Fields, fields, isFields, textOf, texts, wordOf } from './engine/json-value.ts';
import { auditorOf, ghsaOf, isNpm6Report, npm6Advisory, npmDraft } from './engine/npm-advisory.ts';

const command = /^(?:\S{0,200}\/)?yarn (?:npm )?audit(?: (?!--help|--version|-h)[\w-]{1,60})*$/;

/** `yarn audit` of yarn 1 (NDJSON, boxes) and `yarn npm audit --json` of 2 and 3 (as npm 6) and of 4 (NDJSON). */
export const yarnAudit: Parser = {
  name: 'yarn-audit',
  recipes: ['audit'],
  json: {
    is: (value, context) =>
      (isNpm6Report(value) && auditorOf(value, context) === 'yarn') || isMessage(value, context) || isEntry(value),
    cut: ['"auditAdvisory"', '"advisory":'],
  },
  cues: ['critical   ', 'high   ', 'moderate   ', 'low   ', 'info   ', ' vulnerabilities found - Packages audited: '],
  start,
};

/** Yarn 1: a line for every path to the package, and one that sums up. */
function isMessage(value: unknown, context: LogContext): value is Fields {
  if (!isFields(value)) return false;
  if (value.type === 'auditAdvisory' || value.type === 'auditSummary') return isFields(value.data);
  return value.type === 'error' && typeof value.data === 'string' && /\byarn\b.{0,100}\baudit\b/.test(context.command);
}

/** Yarn 4: a line for every advisory and version. */
function isEntry(value: unknown): value is Fields {
  return (
    isFields(value) && typeof value.value === 'string' && isFields(value.children) && 'Tree Versions' in value.children
  );
}

function start(run: Run): Machine {
  let ended = false;
  let entries = 0;
  const box = advisoryBox((width) => width <= 15);
  return {
    json(value) {
      if (isEntry(value)) {
        entries += 1;
        entry(run, value);
      } else if (isNpm6Report(value)) {
        ended = true;
        for (const item of Object.values(fields(value.advisories))) run.report(npm6Advisory(fields(item)));
      } else {
        const { type, data } = fields(value);
        if (type === 'auditSummary') ended = true;
        else if (type === 'auditAdvisory') run.report(npm6Advisory(fields(fields(data).advisory)));
        else run.crashed((textOf(data) ?? '').split('\n')[0] ?? '');
      }
    },
    line(line) {
      const told = box.line(line);
      if (typeof told === 'object') run.report(told);
      if (told !== 'no') return told === 'more' ? 'more' : 'yes';
      if (!/^\d{1,9} vulnerabilities found - Packages audited: \d/.test(line)) return 'no';
      ended = true;
      run.saw();
      return 'yes';
    },
    end(exit) {
      const { exitCode } = exit;
      // Yarn 4 says nothing at all when there is nothing.
      const silent = exitCode === 0 && !ended && command.test(run.context.command.trim());
      if (silent) run.saw();
      return ended || silent || (entries > 0 && exitCode === 1 && command.test(run.context.command.trim()));
    },
  };
}

function entry(run: Run, { value, children }: Fields) {
  const { ID: id, Issue, URL: address, Severity, 'Tree Versions': versions, ...rest } = fields(children);
  // Deprecated packages are listed beside the vulnerable ones.
  if (/\(deprecation\)$/.test(wordOf(id))) return;
  const name = textOf(value) ?? '';
  const url = textOf(address);
  for (const installed of texts(versions)) {
    const told = { name, word: textOf(Severity) ?? '', url, title: textOf(Issue) ?? '', patched: '', installed };
    run.report({
      ...npmDraft({ ...told, code: ghsaOf(url) ?? `npm:${wordOf(id)}` }),
      raw: { value, ...told, ...rest },
    });
  }
}
