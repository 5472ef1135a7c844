import type { Severity } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { cvssSeverity } from './engine/cvss-severity.ts';
import { fixedVersion } from './engine/fixed-version.ts';
import { type Fields, fields, isFields, list, numberOf, textOf, texts } from './engine/json-value.ts';

const levels = { bug: 'error', error: 'error', warning: 'warn', note: 'info', help: 'info' } as const;
type Level = keyof typeof levels;
/** What an advisory is where it is no vulnerability; the rest of its codes are of advisories too. */
const informational = { unsound: 'low', unmaintained: 'info', notice: 'info', yanked: 'info' } as const;
const checks = ['advisories', 'bans', 'licenses', 'sources'];

/** `cargo deny --format json check`: a line for each diagnostic and a last one with sums, on stderr. */
export const cargoDeny: Parser = {
  name: 'cargo-deny',
  recipes: ['audit', 'lint'],
  json: { is: isLine, cut: ['"type":"diagnostic"'] },
  start,
};

function isLine(value: unknown): boolean {
  if (!isFields(value) || !isFields(value.fields)) return false;
  const { type, fields: body } = value;
  if (type === 'diagnostic') return typeof body.message === 'string' && typeof body.severity === 'string';
  if (type === 'log') return typeof body.level === 'string' && typeof body.message === 'string';
  return type === 'summary' && checks.some((check) => isFields(body[check]));
}

function start(run: Run): Machine {
  let summed = false;
  return {
    json(value) {
      const { type, fields: body } = fields(value);
      if (type === 'summary') summed = true;
      else if (type === 'log' && fields(body).level === 'ERROR') run.crashed(textOf(fields(body).message) ?? '');
      else if (type === 'diagnostic') diagnostic(fields(body), run);
    },
    // The exit code is a sum: 1 advisories, 2 bans, 4 licenses, 8 sources.
    end: () => summed,
  };
}

function diagnostic(body: Fields, run: Run): void {
  const word = textOf(body.severity) ?? '';
  const advisory = fields(body.advisory);
  const kind = textOf(body.code);
  const crate = fields(fields(list(body.graphs)[0]).Krate);
  const notes = texts(body.notes);
  const message = textOf(body.message) ?? '';
  if (textOf(advisory.id) !== null || kind === 'yanked') {
    const id = textOf(advisory.id);
    const name = textOf(advisory.package) ?? textOf(crate.name) ?? '';
    const installed = textOf(crate.version);
    const solution = notes.map((note) => /^Solution: Upgrade to (.{1,200}?)(?: \(try |$)/.exec(note)?.[1]);
    const fixed = fixedVersion((solution.find((one) => one !== undefined) ?? '').split(/,| OR /), installed);
    const code = id ?? `yanked-${name}`;
    run.report({
      kind: 'cve',
      severity: severityOf(advisory, kind),
      tool_severity: word,
      code,
      tool_code: id ?? kind,
      message: `${name} ${installed ?? ''}: ${message}`,
      package: name,
      installed_version: installed,
      fixed_version: fixed,
      suggested_fix: fixed === null ? null : `bump ${name} to ${fixed}`,
      aliases: texts(advisory.aliases),
      url: textOf(advisory.url) ?? (id?.startsWith('RUSTSEC-') ? `https://rustsec.org/advisories/${id}` : null),
      raw: body,
    });
    return;
  }
  // What was accepted, and why.
  if (word === 'note' || word === 'help') return;
  // Places are in deny.toml or Cargo.lock, and the line does not say which.
  const label = fields(list(body.labels)[0]);
  const what = textOf(crate.name) === null ? '' : `${textOf(crate.name)} ${textOf(crate.version) ?? ''}: `;
  const about = [textOf(label.span), textOf(label.message)].filter((part) => part !== null).join(': ');
  run.report({
    kind: 'lint',
    severity: Object.hasOwn(levels, word) ? levels[word as Level] : 'warn',
    tool_severity: word,
    code: kind,
    message: `${what}${message}${about === '' || numberOf(label.line) === null ? '' : ` (${about})`}`,
    package: textOf(crate.name),
    installed_version: textOf(crate.version),
    suggested_fix: notes.find((note) => note.startsWith('Solution: '))?.slice('Solution: '.length) ?? null,
    raw: body,
  });
}

function severityOf(advisory: Fields, kind: string | null): Severity {
  const what = textOf(advisory.informational) ?? kind ?? '';
  if (Object.hasOwn(informational, what)) return informational[what as keyof typeof informational];
  const vector = textOf(advisory.cvss);
  return (vector === null ? null : cvssSeverity(vector)) ?? 'high';
}
