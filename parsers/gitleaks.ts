import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

/** Fields that hold or surround a secret; none of them may get into a finding. */
const secret = new Set(['Secret', 'Match', 'offender', 'line', 'Line', 'Email', 'email', 'Message', 'commitMessage']);
const maxPrinted = 1000;
const nothing = /(?:^|\s)(?:INF |level=info msg=")?no leaks found/;
const leaks = /(?:^|\s)(?:WRN |level=warning msg=")?(?:leaks found: \d{1,9}|\d{1,9} leaks? (?:found|detected))/;
const fatal = /(?:^|\s)(?:FTL (.{1,500})|level=fatal msg="(.{1,500})")$/;

/** `gitleaks`, report format of versions 7 and 8. What leaked is never repeated. */
export const gitleaks: Parser = {
  name: 'gitleaks',
  recipes: ['audit', 'lint'],
  quiet: true,
  json: {
    is: (value) => listWith(value, (item) => isNew(item) || isOld(item)),
    cut: ['"Secret":', '"RuleID":'],
    elements: true,
  },
  cues: [
    'Finding: ',
    'no leaks found',
    'leaks found',
    'leak detected',
    'leaks detected',
    'FTL ',
    'level=fatal',
    'null',
  ],
  start,
};

function isNew(item: Fields): boolean {
  return typeof item.RuleID === 'string' && ('Secret' in item || 'File' in item || 'Match' in item);
}

function isOld(item: Fields): boolean {
  return 'offender' in item && typeof item.rule === 'string' && 'file' in item;
}

function start(run: Run): Machine {
  let documents = 0;
  let told = false;
  let found = 0;
  /** One finding as `--verbose` prints it, without what leaked; told only where no report tells the same. */
  let open: Map<string, string> | null = null;
  const printed: Map<string, string>[] = [];
  return {
    json(value) {
      documents += 1;
      for (const item of list(value).map(fields)) report(item);
    },
    line(line) {
      const field =
        /^(Finding|Secret|RuleID|Entropy|File|Line|Commit|Author|Email|Date|Fingerprint|Tags|Link): {1,10}(.{0,500})/.exec(
          line,
        );
      if (field?.[1] === 'Finding' || (open !== null && field !== null)) {
        if (field[1] === 'Finding') open = begin();
        const [, key = '', value = ''] = field;
        if (!/^(?:Finding|Secret|Email)$/.test(key)) open?.set(key, value);
        return 'more';
      }
      open = null;
      if (line === 'null') {
        if (!run.runs()) return 'no';
        documents += 1;
        run.saw();
        return 'yes';
      }
      const text = line.slice(0, 2000);
      if (nothing.test(text) || leaks.test(text)) {
        told = nothing.test(text);
        run.saw();
        return 'yes';
      }
      const failed = run.runs() ? fatal.exec(text) : null;
      const words = failed?.[1] ?? failed?.[2];
      if (words === undefined) return 'no';
      run.crashed(words);
      return 'yes';
    },
    end(exit) {
      for (const one of documents === 0 ? printed : [])
        if (one.has('RuleID')) report({ ...Object.fromEntries(one), StartLine: Number(one.get('Line')) });
      // Without a report its words alone name no leak.
      return exit.exitCode === 0 ? documents > 0 || told : documents > 0 && found > 0;
    },
  };

  function begin(): Map<string, string> {
    const fresh = new Map<string, string>();
    if (printed.length < maxPrinted) printed.push(fresh);
    return fresh;
  }

  function report(item: Fields) {
    found += 1;
    const rule = textOf(item.RuleID) ?? textOf(item.rule);
    const file = textOf(item.File) ?? textOf(item.file);
    const commit = textOf(item.Commit) ?? textOf(item.commit);
    const description = textOf(item.Description) ?? rule ?? 'a secret';
    const line = numberOf(item.StartLine) ?? numberOf(item.lineNumber);
    run.report({
      kind: 'lint',
      severity: 'error',
      code: rule,
      file,
      line,
      column: numberOf(item.StartColumn),
      end_line: numberOf(item.EndLine),
      message: commit === null ? description : `${description} (commit ${commit.slice(0, 12)})`,
      raw: Object.fromEntries(Object.entries(item).filter(([key]) => !secret.has(key))),
    });
  }
}
