import type { Edit } from '../events/finding.ts';
import type { Json, Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf, wordOf } from './engine/json-value.ts';

const reasons = new Set(['compiler-message', 'compiler-artifact', 'build-script-executed', 'build-finished']);
const summary = /^(?:aborting due to|\d+ warnings? emitted|\d+ errors?|Some errors have|For more information)/;
const severities = { error: 'error', warning: 'warn', note: 'info', help: 'info' } as const;

/** `cargo clippy|check|build --message-format=json`. What is no lint of clippy's own is said by the tool `rustc`. */
export const clippy: Parser = {
  name: 'clippy',
  recipes: ['lint', 'build'],
  json: {
    is: (value) => isFields(value) && typeof value.reason === 'string' && reasons.has(value.reason),
    cut: ['"reason":"compiler-'],
  },
  errorsOnly: true,
  anyExit: true,
  start,
};

function start(run: Run): Machine {
  let finished = 0;
  let failed = false;
  return {
    json(value) {
      run.saw();
      run.saw('rustc');
      const line = fields(value);
      if (line.reason === 'build-finished') {
        finished += 1;
        if (line.success !== true) failed = true;
      } else if (line.reason === 'compiler-message') diagnostic(line, value, run);
    },
    // After an error the crates that depend on it were never checked: nothing is proved about them.
    end: () => finished > 0 && !failed,
  };
}

function diagnostic(line: Fields, raw: Json, run: Run): void {
  const message = fields(line.message);
  const level = textOf(message.level)?.replace(/^error: internal compiler error$/, 'error') ?? '';
  const text = textOf(message.message) ?? '';
  if (!(level in severities) || summary.test(text)) return;
  const folder = workspaceOf(line, message);
  const at = (span: Fields) => {
    const file = textOf(span.file_name) ?? '';
    return folder === null || file.startsWith('/') || /^[A-Za-z]:|^</.test(file) ? file : `${folder}/${file}`;
  };
  const span = primary(message, (one) => run.path(at(one), 'workspace') !== null);
  const code = textOf(fields(message.code).code);
  const { edits, help } = fix(message, at);
  run.report(
    {
      kind: 'lint',
      severity: severities[level as keyof typeof severities],
      tool: code?.startsWith('clippy::') ? 'clippy' : 'rustc',
      tool_severity: level,
      code,
      file: span === null ? null : at(span),
      line: numberOf(span?.line_start),
      column: numberOf(span?.column_start),
      end_line: numberOf(span?.line_end),
      message: text,
      suggested_fix: help,
      edits,
      raw,
    },
    'workspace',
  );
}

/** The primary span; inside a macro of another crate, the place in this repository where it was used. */
function primary(message: Fields, inside: (span: Fields) => boolean): Fields | null {
  const spans = list(message.spans).map(fields);
  let span: Fields | null = spans.find((one) => one.is_primary === true) ?? null;
  for (let depth = 0; span !== null && depth < 64 && !inside(span); depth += 1) {
    const outer: unknown = fields(span.expansion).span;
    if (!isFields(outer)) break;
    span = outer;
  }
  return span;
}

/** The first suggestion that names its text; spans of one child are one fix. */
function fix(message: Fields, at: (span: Fields) => string): { edits: Edit[]; help: string | null } {
  let help: string | null = null;
  for (const child of list(message.children).map(fields)) {
    if (child.level === 'help') help ??= textOf(child.message);
    const spans = list(child.spans)
      .map(fields)
      .filter((span) => typeof span.suggested_replacement === 'string');
    if (spans.length === 0) continue;
    if (spans.some((span) => !/^(?:MachineApplicable|MaybeIncorrect)$/.test(wordOf(span.suggestion_applicability))))
      continue;
    const words = spans.map((span) => wordOf(span.suggested_replacement).trim()).filter((word) => word !== '');
    const edits = spans.map((span) => ({
      file: at(span),
      start: { line: numberOf(span.line_start) ?? 0, column: numberOf(span.column_start) ?? 0 },
      end: { line: numberOf(span.line_end) ?? 0, column: numberOf(span.column_end) ?? 0 },
      text: wordOf(span.suggested_replacement),
      safe: span.suggestion_applicability === 'MachineApplicable',
    }));
    const what = textOf(child.message) ?? 'replace';
    return { edits, help: words.length === 1 ? `${what}: ${words[0]}` : what };
  }
  return { edits: [], help };
}

/**
 * Spans count from cargo's workspace, which the lines do not name: it is the folder of the package's manifest without
 * what the path of the span shares with its end.
 */
function workspaceOf(line: Fields, message: Fields): string | null {
  const manifest = textOf(line.manifest_path)?.replaceAll('\\', '/');
  if (!manifest?.endsWith('/Cargo.toml')) return null;
  const folder = manifest.slice(0, -'/Cargo.toml'.length);
  const file = textOf(fields(list(message.spans)[0]).file_name) ?? '';
  const parts = folder.split('/');
  for (let kept = 1; kept < parts.length; kept += 1) {
    const tail = `${parts.slice(kept).join('/')}/`;
    if (file.startsWith(tail)) return parts.slice(0, kept).join('/');
  }
  return folder;
}
