import type { Draft, Machine, Parser, Run } from './define.ts';
import { fixedVersion } from './engine/fixed-version.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf, texts } from './engine/json-value.ts';

const levels = ['critical', 'high', 'medium', 'low'] as const;
const row = /^(Name|Version|CVE|GHSA|Advisory|Criticality|URL|Title|Solution): (.{0,2000})$/;

/** `bundle-audit` / `bundler-audit check`, as JSON and as text. */
export const bundlerAudit: Parser = {
  name: 'bundler-audit',
  recipes: ['audit'],
  json: {
    is: (value) => isFields(value) && isResults(value),
    cut: ['"created_at":', '"results":'],
  },
  cues: ['Name: ', 'Insecure Source URI found: ', 'ulnerabilities found'],
  start,
};

function isResults({ results, created_at: at }: Fields): boolean {
  if (listWith(results, (item) => item.type === 'unpatched_gem' || item.type === 'insecure_source')) return true;
  return (
    Array.isArray(results) && (results.length === 0 ? at !== undefined : listWith(results, (item) => 'gem' in item))
  );
}

function start(run: Run): Machine {
  let ended = false;
  let gem: Map<string, string> | null = null;
  const close = () => {
    if (gem?.has('Title')) run.report(fromText(gem));
    gem = null;
  };
  const insecure = (source: string, raw: unknown) =>
    run.report({
      kind: 'lint',
      severity: 'warn',
      code: 'insecure_source',
      message: `Insecure Source URI found: ${source}`,
      raw,
    });
  return {
    json(value) {
      ended = true;
      for (const item of list(fields(value).results).map(fields)) {
        if (item.type === 'insecure_source') insecure(textOf(item.source) ?? '', item);
        else run.report(fromDocument(item));
      }
    },
    line(line) {
      const at = row.exec(line);
      if (at !== null) {
        if (at[1] === 'Name') close();
        gem ??= at[1] === 'Name' ? new Map() : null;
        gem?.set(at[1] ?? '', (at[2] ?? '').trim());
        return gem === null ? 'no' : 'more';
      }
      close();
      const source = /^Insecure Source URI found: (\S{1,2000})$/.exec(line)?.[1];
      if (source !== undefined) insecure(source, line);
      else if (/^(?:Vulnerabilities|Unpatched versions|No vulnerabilities) found!?$/.test(line)) ended = true;
      else return 'no';
      run.saw();
      return 'yes';
    },
    end(exit) {
      // What a cut log broke off in is not known.
      if (exit.reason === 'exited') close();
      return ended;
    },
  };
}

function fromText(gem: ReadonlyMap<string, string>): Draft {
  const ids = ['CVE', 'GHSA', 'Advisory'].map((key) => gem.get(key) ?? '').filter((id) => id !== '');
  const solution = gem.get('Solution') ?? '';
  const patched = solution.startsWith('u') ? solution.replace(/^(?:update|upgrade) to /, '').split(',') : [];
  const word = gem.get('Criticality') ?? null;
  const text = [...gem].map(([key, value]) => `${key}: ${value}`).join('\n');
  return advisory({ name: gem.get('Name') ?? '', version: gem.get('Version') ?? '' }, ids, word, null, patched, {
    ...{ url: gem.get('URL') ?? null, title: gem.get('Title') ?? '', raw: text },
  });
}

function fromDocument(item: Fields): Draft {
  const {
    id,
    cve,
    ghsa,
    osvdb,
    criticality,
    cvss_v3: v3,
    cvss_v2: v2,
    title,
    url,
    patched_versions,
  } = fields(item.advisory);
  const all = [textOf(id), prefixed('CVE', cve), prefixed('GHSA', ghsa), prefixed('OSVDB', osvdb)];
  const ids = [...new Set(all.filter((one) => one !== null))];
  const score = numberOf(v3) ?? numberOf(v2);
  const gem = { name: textOf(fields(item.gem).name) ?? '', version: textOf(fields(item.gem).version) ?? '' };
  const told = { url: textOf(url), title: textOf(title) ?? '', raw: item };
  return advisory(gem, ids, textOf(criticality), score, texts(patched_versions), told);
}

function prefixed(prefix: string, value: unknown): string | null {
  const id = textOf(value) ?? (typeof value === 'number' ? String(value) : null);
  if (id === null) return null;
  return id.startsWith(prefix) ? id : `${prefix}-${id}`;
}

function advisory(
  gem: { name: string; version: string },
  ids: readonly string[],
  word: string | null,
  score: number | null,
  patched: readonly string[],
  told: { url: string | null; title: string; raw: unknown },
): Draft {
  // Several requirements in one: `~> 5.2.4, >= 5.2.4.3`.
  const parts = patched.flatMap((one) => one.replaceAll("'", '').split(','));
  const fixed = fixedVersion(parts, gem.version);
  return {
    kind: 'cve',
    severity: levels.find((level) => level === word?.toLowerCase()) ?? (score === null ? 'high' : levelOf(score)),
    tool_severity: word,
    code: ids[0] ?? null,
    message: `${gem.name}: ${told.title}`,
    package: gem.name,
    installed_version: gem.version,
    fixed_version: fixed,
    suggested_fix: fixed === null ? null : `bump ${gem.name} to ${fixed}`,
    aliases: ids.slice(1),
    url: told.url,
    raw: told.raw,
  };
}

/** The bands of CVSS 3. */
function levelOf(score: number) {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  return score >= 4 ? 'medium' : 'low';
}
