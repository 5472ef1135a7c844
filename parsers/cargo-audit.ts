import type { Draft, Json, Machine, Parser, Run } from './define.ts';
import { cvssSeverity } from './engine/cvss-severity.ts';
import { fixedVersion } from './engine/fixed-version.ts';
import { fields, isFields, list, textOf, texts } from './engine/json-value.ts';

/**
 * `cargo audit --json`, and the blocks of plain `cargo audit`. The tool names no severity in JSON, only CVSS vectors (3
 * or 4): a vulnerability without one counts as `high`. Warnings (unmaintained, unsound, yanked, notice) are `info`,
 * unsound ones `low`.
 */
export const cargoAudit: Parser = {
  name: 'cargo-audit',
  recipes: ['audit'],
  json: {
    is: (value) => isFields(value) && isFields(value.vulnerabilities) && 'list' in value.vulnerabilities,
    cut: ['"advisory-count"', '"lockfile"'],
  },
  cues: ['Crate:  ', 'error: ', ' crate dependencies'],
  start,
};

const levels = { critical: 'critical', high: 'high', medium: 'medium', low: 'low', none: 'info' } as const;

function start(run: Run): Machine {
  let documents = 0;
  let scanned = false;
  let block: Map<string, string> | null = null;
  return {
    json(value) {
      documents += 1;
      const document = fields(value);
      for (const item of list(fields(document.vulnerabilities).list)) run.report(vulnerability(item, 'vulnerability'));
      for (const [kind, items] of Object.entries(fields(document.warnings))) {
        for (const item of list(items)) run.report(vulnerability(item, kind));
      }
    },
    line(line) {
      const field = /^(\w{2,20}): +(.*)$/.exec(line);
      if (field?.[1] === 'Crate') block = new Map();
      if (block !== null && field !== null && field[1] !== 'error' && block.size < 20) {
        block.set(field[1] ?? '', (field[2] ?? '').trim());
        return 'more';
      }
      if (block !== null) {
        reportBlock(block);
        block = null;
      }
      if (!run.runs()) return 'no';
      if (/Scanning .* crate dependencies/.test(line)) scanned = true;
      else if (/^error: (?!\d+ vulnerabilit|\d+ denied)/.test(line)) run.crashed(line);
      else return 'no';
      run.saw();
      return 'yes';
    },
    end() {
      if (block !== null) reportBlock(block);
      return documents > 0 || scanned;
    },
  };

  function reportBlock(block: ReadonlyMap<string, string>) {
    const name = block.get('Crate') ?? '';
    const kind = block.get('Warning') ?? 'vulnerability';
    const id = block.get('ID') ?? (kind === 'vulnerability' ? null : `${kind}-${name}`);
    if (id === null) return;
    const installed = block.get('Version') ?? null;
    const word = /\((\w{1,10})\)$/.exec(block.get('Severity') ?? '')?.[1] ?? '';
    const fixed = fixedVersion((block.get('Solution') ?? '').replace(/^Upgrade to /, '').split(/,| OR /), installed);
    run.report({
      ...common(kind, id, name, installed, fixed, block.get('Title') ?? kind),
      severity: word in levels ? levels[word as keyof typeof levels] : severityOf(kind),
      tool_severity: block.get('Severity') ?? (kind === 'vulnerability' ? null : kind),
      url: block.get('URL') ?? null,
      raw: [...block].map(([key, value]) => `${key}: ${value}`).join('\n'),
    });
  }
}

function vulnerability(item: Json, kind: string): Draft {
  const { advisory, package: held, versions } = fields(item);
  const about = fields(advisory);
  const name = textOf(fields(held).name) ?? textOf(about.package) ?? '';
  const installed = textOf(fields(held).version);
  const fixed = fixedVersion(texts(fields(versions).patched), installed);
  // A yanked release has no advisory: its name is made of the kind and the package.
  const id = textOf(about.id) ?? `${kind}-${name}`;
  const vector = kind === 'vulnerability' ? textOf(about.cvss) : null;
  return {
    ...common(kind, id, name, installed, fixed, textOf(about.title) ?? `${name} ${installed ?? ''} is ${kind}`),
    severity: (vector === null ? null : cvssSeverity(vector)) ?? severityOf(kind),
    tool_severity: kind === 'vulnerability' ? null : kind,
    aliases: texts(about.aliases),
    url: textOf(about.url) ?? (id.startsWith('RUSTSEC-') ? `https://rustsec.org/advisories/${id}` : null),
    raw: item,
  };
}

function common(kind: string, id: string, name: string, installed: string | null, fixed: string | null, title: string) {
  return {
    kind: 'cve',
    severity: severityOf(kind),
    code: id,
    message: `${name} ${installed ?? ''}: ${title}`,
    package: name,
    installed_version: installed,
    fixed_version: fixed,
    suggested_fix: fixed === null ? null : `bump ${name} to ${fixed}`,
  } as const;
}

function severityOf(kind: string): 'high' | 'low' | 'info' {
  if (kind === 'vulnerability') return 'high';
  return kind === 'unsound' ? 'low' : 'info';
}
