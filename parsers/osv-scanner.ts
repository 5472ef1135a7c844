import type { Machine, Parser, Run } from './define.ts';
import { advisorySeverity, bump } from './engine/advisory.ts';
import { advisoryUrl } from './engine/advisory-id.ts';
import { fixedVersion } from './engine/fixed-version.ts';
import { type Fields, fields, isFields, list, listWith, textOf, texts } from './engine/json-value.ts';

/** `osv-scanner --format json`, versions 1 and 2. One finding a group: its ids are names of one problem. */
export const osvScanner: Parser = {
  name: 'osv-scanner',
  recipes: ['audit'],
  json: { is, cut: ['"results":', '"source":', '"packages":'] },
  cues: ['No issues found', 'no package sources found', 'No package sources found'],
  start,
};

function is(value: unknown): boolean {
  if (!isFields(value) || !Array.isArray(value.results)) return false;
  // An empty list says nothing of who wrote it, except beside keys of the scanner's own.
  if (value.results.length === 0) return 'experimental_config' in value || Object.keys(value).length === 1;
  return listWith(value.results, (one) => Array.isArray(one.packages));
}

function start(run: Run): Machine {
  let documents = 0;
  return {
    json(value) {
      documents += 1;
      for (const result of list(fields(value).results).map(fields)) {
        const file = textOf(fields(result.source).path);
        for (const one of list(result.packages).map(fields)) inPackage(one, file);
      }
    },
    line(line) {
      if (/^No issues found$/.test(line) && run.runs()) {
        documents += 1;
        run.saw();
        return 'yes';
      }
      if (!/^no package sources found/i.test(line)) return 'no';
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end: () => documents > 0,
  };

  function inPackage(one: Fields, file: string | null) {
    const all = list(one.vulnerabilities).map(fields);
    const grouped = new Set<string>();
    for (const group of list(one.groups).map(fields)) {
      const ids = texts(group.ids);
      for (const id of ids) grouped.add(id);
      const known = all.filter((advisory) => ids.includes(textOf(advisory.id) ?? ''));
      report(one, ids, known, file, { aliases: texts(group.aliases), score: textOf(group.max_severity) });
    }
    for (const advisory of all) {
      const id = textOf(advisory.id);
      if (id !== null && !grouped.has(id)) report(one, [id], [advisory], file, { aliases: [], score: null });
    }
  }

  function report(
    one: Fields,
    ids: readonly string[],
    known: readonly Fields[],
    file: string | null,
    group: { aliases: readonly string[]; score: string | null },
  ) {
    const { name, version } = fields(one.package);
    const [code] = ids;
    if (code === undefined) return;
    const word =
      known.map((advisory) => textOf(fields(advisory.database_specific).severity)).find((found) => found !== null) ??
      null;
    const vectors = known.flatMap((advisory) =>
      list(advisory.severity).map((given) => textOf(fields(given).score) ?? ''),
    );
    const installed = textOf(version);
    const fixed = fixedVersion(
      known.flatMap((advisory) => fixes(advisory, textOf(name))),
      installed,
    );
    const names = [...ids, ...group.aliases, ...known.flatMap((advisory) => texts(advisory.aliases))];
    run.report({
      kind: 'cve',
      severity: advisorySeverity({ word, vectors, scores: group.score === null ? [] : [Number(group.score)] }),
      tool_severity: word ?? group.score,
      code,
      file,
      message:
        known.map((advisory) => textOf(advisory.summary) ?? textOf(advisory.details)).find((found) => found !== null) ??
        code,
      package: textOf(name),
      installed_version: installed,
      fixed_version: fixed,
      aliases: names.filter((other) => other !== code),
      url: advisoryUrl(code),
      ...bump(textOf(name), fixed),
      raw: {
        package: one.package,
        ids,
        advisories: known.map(({ id, summary, severity }) => ({ id, summary, severity })),
      },
    });
  }
}

/** Versions that its ranges call fixed, of this package where an advisory is about several; no commits. */
function fixes(advisory: Fields, name: string | null): string[] {
  return list(advisory.affected)
    .map(fields)
    .filter((one) => name === null || [undefined, name].includes(textOf(fields(one.package).name) ?? undefined))
    .flatMap((one) => list(one.ranges).map(fields))
    .filter((range) => range.type !== 'GIT')
    .flatMap((range) => list(range.events).map((event) => textOf(fields(event).fixed)))
    .filter((version) => version !== null);
}
