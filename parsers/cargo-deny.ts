import type { Severity } from '../events/finding.ts';
import type { Machine, Parser, Run } from './define.ts';
import { cvssSeverity } from './engine/cvss-severity.ts';
import { fixedVersion } from './engine/fixed-version.ts';
import { type Fields, fields, isFields, list, numberOf, textOf, texts } from './engine/json-value.ts';
import { detached } from './engine/plain-text.ts';

const levels = { bug: 'error', error: 'error', warning: 'warn', note: 'info', help: 'info' } as const;
type Level = keyof typeof levels;
/** What an advisory is where it is no vulnerability; the rest of its codes are of advisories too. */
const informational = { unsound: 'low', unmaintained: 'info', notice: 'info', yanked: 'info' } as const;
const checks = ['advisories', 'bans', 'licenses', 'sources'];

/** rustc has codes such as E0308 and no brackets around names of lints. */
const head = /^(bug|error|warning|note|help)\[([a-z][a-z-]{1,60})\]: (.{1,4000})$/;
const place = /^ {0,12}┌─ .{1,2000}:(\d{1,9}):\d{1,9}$/;
const crateOfGraph = /^([\w-]{1,100}) v(\d[\w.+-]{0,100})(?: \(|$)/;
const crateOfLock = /^([\w-]{1,100}) (\d[\w.+-]{0,100})(?: |$)/;
const verdict = '(?:advisories|bans|licenses|sources) (?:ok|FAILED)';
/** One line for all checks or, with `--show-stats`, one for each. */
const sums = new RegExp(
  `^ {0,10}${verdict}(?:(?:, ${verdict}){0,3}|: (\\d{1,9}) errors, \\d{1,9} warnings, \\d{1,9} notes)$`,
);
/** What below a headline is ASCII where no place is: ` ├ shop v0.1.0`. */
const versions = [...'0123456789'].map((digit) => ` v${digit}`);
const maxNotes = 100;
const maxSpan = 2000;

/**
 * `cargo deny --format json check`: a line for each diagnostic and a last one with sums, on stderr. Without a format the same
 * for people: boxes on stderr and the verdicts on stdout, of which no CVSS vector and no alias can be read.
 */
export const cargoDeny: Parser = {
  name: 'cargo-deny',
  recipes: ['audit', 'lint'],
  json: { is: isLine, cut: ['"type":"diagnostic"'] },
  cues: ['error[', 'warning[', '.lock:', '.toml:', ...versions, 'Solution: ', ' ok', ' FAILED', '[ERROR] '],
  sign: sums,
  together: true,
  start,
};

function isLine(value: unknown): boolean {
  if (!isFields(value) || !isFields(value.fields)) return false;
  const { type, fields: body } = value;
  if (type === 'diagnostic') return typeof body.message === 'string' && typeof body.severity === 'string';
  if (type === 'log') return typeof body.level === 'string' && typeof body.message === 'string';
  return type === 'summary' && checks.some((check) => isFields(body[check]));
}

/** A diagnostic in text, as far as it was read. */
type Box = {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  /** Where its first label is; null where it has none. */
  readonly line: number | null;
  readonly notes: string[];
  /** The line of the file over which the label stands, or the lines around which it goes. */
  source: string;
  span: string | null;
  label: string;
};

/** Long: a box is read line by line, and what remains of it is shared by all of them. */
function start(run: Run): Machine {
  let summed = false;
  let box: Box | null = null;
  /** In text: headlines, how many of them had something below, and errors as they were read and as the tool counts them. */
  let heads = 0;
  let boxes = 0;
  let errors = 0;
  let counted = 0;
  const flush = () => {
    if (box !== null) diagnostic(bodyOf(box), run, true);
    box = null;
  };
  return {
    json(value) {
      const { type, fields: body } = fields(value);
      if (type === 'summary') summed = true;
      else if (type === 'log' && fields(body).level === 'ERROR') run.crashed(textOf(fields(body).message) ?? '');
      else if (type === 'diagnostic') diagnostic(fields(body), run, false);
    },
    line(line, _stream, previous) {
      const at = place.exec(line);
      const above = at !== null || line.startsWith(' ├ ') ? head.exec(previous) : null;
      if (above !== null) {
        flush();
        const [, severity = '', code = '', message = ''] = above;
        const words = { severity: detached(severity), code: detached(code), message: detached(message) };
        box = { ...words, line: at === null ? null : Number(at[1]), ...blank() };
        boxes += 1;
        if (severity === 'error' || severity === 'bug') errors += 1;
      }
      if (box !== null && /^(?: |\d{1,9} +│)/.test(line) && !sums.test(line)) {
        addTo(box, line);
        return 'more';
      }
      if (head.test(line)) heads += 1;
      const failure = /^(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d )?\[ERROR\] (.{1,1000})$/.exec(line);
      if (failure !== null && run.runs()) {
        run.crashed(failure[1] ?? '');
        return 'yes';
      }
      const sum = sums.exec(line);
      // One verdict alone is what other programs may say, too.
      if (sum === null || (boxes === 0 && sum[1] === undefined && !line.includes(',') && !run.runs())) return 'no';
      counted += sum[1] === undefined ? line.split(' FAILED').length - 1 : Number(sum[1]);
      summed = true;
      run.saw();
      return 'yes';
    },
    end() {
      flush();
      // The exit code is a sum: 1 advisories, 2 bans, 4 licenses, 8 sources. Verdicts without what they rest on prove nothing.
      return summed && heads <= boxes && errors >= counted;
    },
  };
}

function blank() {
  return { notes: [] as string[], source: '', span: null, label: '' };
}

function addTo(box: Box, line: string): void {
  const note = /^ {1,12}├ (.{1,1000})/.exec(line)?.[1];
  if (note !== undefined && box.notes.length < maxNotes) box.notes.push(detached(note));
  if (note !== undefined || box.span !== null) return;
  const source = /^ {0,12}\d{1,9} +│ (?:([╭│]) )?(.{0,2000})/.exec(line);
  if (source !== null) {
    const [, around, text = ''] = source;
    box.source = detached(around === '│' ? `${box.source}\n${text}`.slice(0, maxSpan) : text);
    return;
  }
  const under = /^ {1,12}│ ( {0,2000})(?:╰─{0,2000}[┘^']|([━^─-]{1,2000}))(?: (.{1,1000}))?$/.exec(line);
  if (under === null) return;
  const [, before = '', marks, label = ''] = under;
  box.span = marks === undefined ? box.source : box.source.slice(before.length, before.length + marks.length);
  box.label = detached(label);
}

/** The same fields as in JSON, so that a finding is the same one whichever way the tool was asked. */
function bodyOf({ severity, code, message, line, notes, span, label }: Box): Fields {
  const after = (word: string) => notes.find((note) => note.startsWith(word))?.slice(word.length) ?? null;
  const id = after('ID: ');
  const locked = id === null && code !== 'yanked' ? null : crateOfLock.exec(span ?? '');
  const graph = notes.map((note) => crateOfGraph.exec(note)).find((one) => one !== null);
  const crate = locked ?? graph;
  return {
    severity,
    code,
    message,
    notes,
    labels: line === null ? [] : [{ line, span, message: label }],
    ...(crate ? { graphs: [{ Krate: { name: crate[1], version: crate[2] } }] } : {}),
    ...(id === null ? {} : { advisory: { id, url: after('Announcement: ') } }),
  };
}

/** `isText`: other programs print such boxes; an advisory is named by this one only. */
function diagnostic(body: Fields, run: Run, isText: boolean): void {
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
      alike: isText && id === null,
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
    alike: isText,
  });
}

function severityOf(advisory: Fields, kind: string | null): Severity {
  const what = textOf(advisory.informational) ?? kind ?? '';
  if (Object.hasOwn(informational, what)) return informational[what as keyof typeof informational];
  const vector = textOf(advisory.cvss);
  return (vector === null ? null : cvssSeverity(vector)) ?? 'high';
}
