import type { Edit } from '../../events/finding.ts';
import { type Fields, fields, list, numberOf, textOf, wordOf } from './json-value.ts';

/** What the results of one SARIF run refer to. */
export type SarifRun = {
  /** The driver's name as a word: `ESLint` is `eslint`. */
  readonly tool: string;
  ruleOf(result: Fields): Fields;
  message(result: Fields, rule: Fields): string;
  /** An `artifactLocation` as a path, percent-decoded, its `uriBaseId` resolved. */
  path(location: Fields): string | null;
  /** The first fix, if it can be put into edits. */
  edits(result: Fields): Edit[];
};

const known: Readonly<Record<string, string>> = { 'semgrep-oss': 'semgrep', 'aqua-security-trivy': 'trivy' };

/** `isInside`: whether an absolute path is known to lead into the repository. */
export function sarifRun(run: Fields, isInside: (path: string) => boolean): SarifRun {
  const tool = fields(run.tool);
  const driver = fields(tool.driver);
  const components = [driver, ...list(tool.extensions).map(fields)];
  const rules = components.map((one) => list(one.rules).map(fields));
  const byId = new Map<string, Fields>();
  for (const rule of rules.flat()) {
    const id = textOf(rule.id);
    if (id !== null && !byId.has(id)) byId.set(id, rule);
  }
  const bases = fields(run.originalUriBaseIds);

  const path = (location: Fields): string | null => {
    const index = numberOf(location.index);
    const artifact = index === null ? {} : fields(fields(list(run.artifacts)[index]).location);
    const uri = textOf(location.uri) ?? textOf(artifact.uri);
    if (uri === null) return null;
    if (absolute(uri)) return decoded(uri);
    // The base of a container or another machine says nothing here.
    const whole = decoded(base(textOf(location.uriBaseId) ?? textOf(artifact.uriBaseId), 0) + uri);
    return absolute(whole) && !isInside(whole) ? decoded(uri) : whole;
  };
  const base = (id: string | null, depth: number): string => {
    if (id === null || depth > 8 || !Object.hasOwn(bases, id)) return '';
    const { uri, uriBaseId } = fields(bases[id]);
    const own = textOf(uri) ?? '';
    const whole = absolute(own) ? own : base(textOf(uriBaseId), depth + 1) + own;
    return whole === '' || whole.endsWith('/') ? whole : `${whole}/`;
  };

  return {
    tool: toolName(textOf(driver.name) ?? ''),
    path,
    ruleOf(result) {
      const pointer = fields(result.rule);
      const component = numberOf(fields(pointer.toolComponent).index);
      const index = numberOf(result.ruleIndex) ?? numberOf(pointer.index);
      const id = textOf(result.ruleId) ?? textOf(pointer.id);
      const pointed = index === null ? undefined : rules[component === null ? 0 : component + 1]?.[index];
      if (pointed !== undefined && (id === null || id === pointed.id || id.startsWith(`${wordOf(pointed.id)}/`))) {
        return pointed;
      }
      // A hierarchical id belongs to the rule of its first part.
      return byId.get(id ?? '') ?? byId.get(id?.split('/').slice(0, -1).join('/') ?? '') ?? {};
    },
    message(result, rule) {
      const { text, markdown, id, arguments: given } = fields(result.message);
      const strings = { ...fields(driver.globalMessageStrings), ...fields(rule.messageStrings) };
      const own = textOf(text) ?? textOf(markdown) ?? textOf(fields(strings[textOf(id) ?? '']).text);
      const words =
        own ?? textOf(fields(rule.shortDescription).text) ?? textOf(fields(rule.fullDescription).text) ?? '';
      const values = list(given);
      return words
        .slice(0, 20_000)
        .replace(/\{(\d{1,2})\}/g, (whole, at) => textOf(values[Number(at)]) ?? whole)
        .replaceAll('{{', '{')
        .replaceAll('}}', '}');
    },
    edits(result) {
      const edits: Edit[] = [];
      for (const change of list(fields(list(result.fixes)[0]).artifactChanges).map(fields)) {
        const file = path(fields(change.artifactLocation));
        for (const replacement of list(change.replacements).map(fields)) {
          const edit = file === null ? null : editOf(file, replacement);
          if (edit === null) return [];
          edits.push(edit);
        }
      }
      return edits;
    },
  };
}

/** A region without `endColumn` reaches to the end of its line, which only the file knows: no edit. */
function editOf(file: string, replacement: Fields): Edit | null {
  const region = fields(replacement.deletedRegion);
  const text =
    typeof fields(replacement.insertedContent).text === 'string' ? fields(replacement.insertedContent).text : '';
  const inserted = wordOf(text);
  const line = numberOf(region.startLine);
  const offset = numberOf(region.charOffset);
  if (line !== null) {
    const column = numberOf(region.startColumn) ?? 1;
    const endColumn = numberOf(region.endColumn);
    if (endColumn === null) return null;
    const end = { line: numberOf(region.endLine) ?? line, column: endColumn };
    return { file, start: { line, column }, end, text: inserted, safe: false };
  }
  if (offset === null) return null;
  const end = { offset: offset + (numberOf(region.charLength) ?? 0) };
  return { file, start: { offset }, end, text: inserted, safe: false };
}

function absolute(uri: string): boolean {
  return /^(?:[A-Za-z][A-Za-z0-9+.-]{1,20}:|\/)/.test(uri);
}

/** `file:` is left as it is: what it names is resolved with the other paths. */
function decoded(uri: string): string {
  if (uri.startsWith('file:')) return uri.replace(/^file:\/(?!\/)/, 'file:///');
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

function toolName(name: string): string {
  if (/^GNU C/.test(name)) return 'gcc';
  const word = name
    .slice(0, 100)
    .toLowerCase()
    .replace(/[^a-z0-9.+]+/g, '-')
    .replace(/^-|-$/g, '');
  return known[word] ?? (word || 'sarif');
}
