import type { Draft, Json, Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf, texts } from './engine/json-value.ts';

const keys = new Set(['config', 'progress', 'osv', 'finding', 'SBOM']);
const maxKept = 20_000;

type Level = 'symbol' | 'package' | 'module';
const severities = { symbol: 'high', package: 'low', module: 'info' } as const;
const words = { symbol: 'is called', package: 'is imported, not called', module: 'is required, not imported' } as const;
const depth = { symbol: 2, package: 1, module: 0 } as const;

/** Without the trace, which may be long. */
type Group = { level: Level; draft: Draft };

/**
 * `govulncheck -json`: a stream of objects with one key each. `osv` is reference data; `finding`s are grouped by advisory
 * and module, and the deepest level counts: only a vulnerable symbol that is called is `high`.
 */
export const govulncheck: Parser = {
  name: 'govulncheck',
  recipes: ['audit'],
  json: { is: isMessage, cut: ['"osv"', '"modified"'] },
  cues: ['govulncheck: '],
  start,
};

function isMessage(value: Json): boolean {
  if (!isFields(value)) return false;
  const names = Object.keys(value);
  const name = names[0] ?? '';
  if (names.length !== 1 || !keys.has(name)) return false;
  const body = fields(value[name]);
  if (name === 'finding') return typeof body.osv === 'string';
  if (name === 'osv') return typeof body.id === 'string';
  if (name === 'config') return 'protocol_version' in body || 'scanner_name' in body;
  return isFields(value[name]);
}

function start(run: Run): Machine {
  let configured = false;
  const advisories = new Map<string, { summary: string; aliases: string[]; url: string | null }>();
  const groups = new Map<string, Group>();
  return {
    json(value) {
      const { config, osv, finding } = fields(value);
      if (config !== undefined) configured = true;
      const about = fields(osv);
      const id = textOf(about.id);
      if (id !== null && advisories.size < maxKept) {
        const summary = (textOf(about.summary) ?? textOf(about.details) ?? '').slice(0, 500);
        const url = textOf(fields(about.database_specific).url);
        advisories.set(id, { summary, aliases: texts(about.aliases).slice(0, 32), url });
      }
      if (finding !== undefined) keep(fields(finding));
    },
    line(line) {
      if (!line.startsWith('govulncheck: ')) return 'no';
      run.crashed(line.slice('govulncheck: '.length));
      return 'yes';
    },
    end(exit) {
      for (const group of groups.values()) report(group);
      // The stream has no last message; 0 (in JSON even with findings) says that it went through.
      return configured && exit.exitCode === 0;
    },
  };

  function keep(finding: Fields) {
    const top = fields(list(finding.trace)[0]);
    const level: Level = top.function !== undefined ? 'symbol' : top.package !== undefined ? 'package' : 'module';
    const key = JSON.stringify([finding.osv, top.module]);
    const known = groups.get(key);
    if (known === undefined ? groups.size < maxKept : depth[level] > depth[known.level]) {
      groups.set(key, { level, draft: draftOf(level, top, finding) });
    }
  }

  function report({ draft }: Group) {
    const about = advisories.get(draft.code ?? '');
    const message = draft.message.replace('%', () => about?.summary || (draft.code ?? ''));
    run.report({ ...draft, message, aliases: about?.aliases ?? [], url: about?.url ?? draft.url ?? null });
  }

  function draftOf(level: Level, top: Fields, finding: Fields): Draft {
    const id = textOf(finding.osv) ?? '';
    const name = textOf(top.module) ?? '';
    const version = textOf(top.version);
    const fixed = textOf(finding.fixed_version);
    const called = [textOf(top.receiver), textOf(top.function)].filter((part) => part !== null).join('.');
    // The last frame with a place is the code that is ours.
    const at = fields(
      list(finding.trace)
        .map(fields)
        .findLast((frame) => run.path(textOf(fields(frame.position).filename) ?? '') !== null)?.position,
    );
    const what = `${called === '' ? 'the module' : called} ${words[level]}`;
    return {
      kind: 'cve',
      severity: severities[level],
      tool_severity: level,
      code: id,
      file: level === 'symbol' ? textOf(at.filename) : null,
      line: numberOf(at.line),
      column: numberOf(at.column),
      // The sign stands for the summary, which may come later in the stream.
      message: `${name} ${version ?? ''}: % (${what})`,
      package: name,
      installed_version: version,
      fixed_version: fixed,
      suggested_fix: fixed === null ? null : `bump ${name} to ${fixed}`,
      url: `https://pkg.go.dev/vuln/${encodeURIComponent(id.toWellFormed())}`,
      raw: JSON.stringify(finding).length <= 8192 ? finding : { osv: id, fixed_version: fixed, top },
    };
  }
}
