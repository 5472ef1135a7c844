import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf } from './engine/json-value.ts';

/** What it calls its lists in JSON and in text, and one entry of it. */
const kinds: readonly (readonly [key: string, heading: string, words: string])[] = [
  ['files', 'Unused files', 'unused file'],
  ['dependencies', 'Unused dependencies', 'unused dependency'],
  ['devDependencies', 'Unused devDependencies', 'unused devDependency'],
  ['optionalPeerDependencies', 'Referenced optional peerDependencies', 'referenced optional peerDependency'],
  ['unlisted', 'Unlisted dependencies', 'unlisted dependency'],
  ['binaries', 'Unlisted binaries', 'unlisted binary'],
  ['unresolved', 'Unresolved imports', 'unresolved import'],
  ['exports', 'Unused exports', 'unused export'],
  ['nsExports', 'Exports in used namespace', 'export in a used namespace'],
  ['types', 'Unused exported types', 'unused exported type'],
  ['nsTypes', 'Exported types in used namespace', 'exported type in a used namespace'],
  ['enumMembers', 'Unused exported enum members', 'unused enum member'],
  ['classMembers', 'Unused exported class members', 'unused class member'],
  ['namespaceMembers', 'Unused exported namespace members', 'unused namespace member'],
  ['duplicates', 'Duplicate exports', 'duplicate export'],
  ['catalog', 'Unused catalog entries', 'unused catalog entry'],
];
const ofPackages = new Set(['dependencies', 'devDependencies', 'optionalPeerDependencies', 'unlisted']);
const heading = /^([A-Z][A-Za-z ]{5,60}) \((\d{1,7})\)$/;
const row =
  /^(\S.{0,400}?)(?: {2,200}(?:[a-z]{2,20} {2,200})?| {1,200}[a-z]{2,20} {2,200})(\S.{0,1000}?)(?::(\d{1,7})(?::(\d{1,7}))?)?$/;

/** `knip` as JSON, symbols and compact. What is unused is part of the rule, so that it is known when its line moves. */
export const knip: Parser = {
  name: 'knip',
  recipes: ['lint'],
  quiet: true,
  json: {
    // An empty list is everybody's: the command tells whose.
    is: (value, { command }) =>
      isFields(value) &&
      Array.isArray(value.issues) &&
      (value.issues.length === 0 ? /\bknip\b/.test(command.slice(0, 4000)) : value.issues.some(isIssue)),
    cut: ['"issues":', '"unresolved":'],
  },
  cues: [...kinds.map(([, words]) => `${words} (`), 'ERROR: ', 'Configuration file load error'],
  start,
};

function isIssue(value: unknown): boolean {
  return isFields(value) && kinds.some(([key]) => Array.isArray(value[key]));
}

function start(run: Run): Machine {
  let documents = 0;
  let kind: (typeof kinds)[number] | null = null;
  let left = 0;
  let short = false;
  let found = 0;
  return {
    json(value) {
      documents += 1;
      const { issues, files } = fields(value);
      for (const name of list(files)) if (typeof name === 'string') report('files', name, name, null, null, name);
      for (const issue of list(issues).map(fields)) structured(issue);
    },
    line(line) {
      if (kind !== null && left > 0 && entry(line)) return left > 0 ? 'more' : 'yes';
      if (left > 0) short = true;
      left = 0;
      const head = heading.exec(line);
      kind = head === null ? null : (kinds.find(([, words]) => words === head[1]) ?? null);
      if (kind !== null) {
        left = Number(head?.[2]);
        run.saw();
        return 'more';
      }
      if (!run.runs() || !/^(?:ERROR: |Configuration file load error)/.test(line)) return 'no';
      if (line.startsWith('ERROR')) run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => !short && left === 0 && (documents > 0 || (found > 0 && run.alone())),
  };

  function entry(line: string): boolean {
    if (kind === null) return false;
    const [key] = kind;
    // `file: a, b` of the compact reporter.
    const several = /^(\S[^\s:]{0,1000}): (\S.{0,4000})$/.exec(line);
    const at = several === null ? row.exec(line) : null;
    if (several !== null) {
      const names = key === 'files' ? [several[1] ?? ''] : (several[2] ?? '').split(', ');
      for (const name of names) report(key, name, several[1] ?? null, null, null, line);
    } else if (key === 'files' && /^\S+$/.test(line)) report(key, line, line, null, null, line);
    else if (at !== null) {
      const [, name = '', file = null, from, column] = at;
      report(
        key,
        name.trim(),
        file,
        from === undefined ? null : Number(from),
        column === undefined ? null : Number(column),
        line,
      );
    } else return false;
    left -= 1;
    return true;
  }

  function structured(issue: Fields) {
    const file = textOf(issue.file);
    for (const [key] of kinds) {
      for (const one of list(issue[key])) {
        // Duplicates are lists of names, members lists below the name of their owner.
        const names = Array.isArray(one)
          ? one.map((each) => textOf(fields(each).name) ?? '').join('|')
          : textOf(fields(one).name);
        const { line, col } = fields(Array.isArray(one) ? one[0] : one);
        if (names !== null && names !== '')
          report(key, names, file, numberOf(line), numberOf(col), { file, kind: key, entry: one });
      }
    }
  }

  function report(
    key: string,
    name: string,
    file: string | null,
    line: number | null,
    column: number | null,
    raw: unknown,
  ) {
    found += 1;
    const words = kinds.find(([one]) => one === key)?.[2] ?? key;
    const isError = key === 'unresolved' || key === 'unlisted';
    run.report({
      kind: 'lint',
      severity: isError ? 'error' : 'warn',
      code: key === 'files' ? key : `${key}/${name}`,
      tool_code: key,
      file,
      line,
      column,
      message: `${words}: ${name}`,
      package: ofPackages.has(key) ? name : null,
      raw,
    });
  }
}
