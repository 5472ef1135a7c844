import type { Stream } from '../define.ts';

/** What a TAP producer says about one failed test. */
type TapBlock = {
  /** The first words of the error. */
  readonly message: string;
  /** Node's: `subtestsFailed`, `testCodeFailure`… */
  readonly failureType: string | null;
  /** Where the producer says that it was: `at: "a.js:3:1"`, `location: 'a.js:3:1'`, `file:` with `line:`. */
  readonly at: readonly [string, number, number | null] | null;
};

/** A failed test whose lines are being read. */
export type OpenBlock = { name: string; indent: number; lines: string[]; yaml: boolean; stream: Stream };

const maxBlock = 80;

/** Whether a line is still about the failed test; keeps it if so. */
export function belongsTo(open: OpenBlock, line: string): boolean {
  const deep = line.search(/\S/);
  const keep = () => {
    if (open.lines.length < maxBlock) open.lines.push(line.slice(0, 2000));
    return true;
  };
  if (open.yaml) {
    if (/^ *(?:not )?ok \d/.test(line) && deep <= open.indent) return false;
    if (line.trim() !== '...' || deep > open.indent + 4) return keep();
    open.yaml = false;
    return true;
  }
  if (open.lines.length === 0 && line.trim() === '---' && deep > open.indent) {
    open.yaml = true;
    return keep();
  }
  if (/^\s*#(?! (?:Subtest:|tests|pass|fail|cancelled|duration_ms) )/.test(line)) return keep();
  if (/^\s*(?:not )?ok\b/.test(line)) return false;
  return deep > open.indent && !/^\s*(?:1\.\.\d|# Subtest: |\})/.test(line) && keep();
}

/**
 * Reads the lines under a `not ok`: YAML as it ought to be, YAML that is none (vitest leaves line ends inside quotes),
 * comments (bats, Perl) and plain lines (mocha).
 */
export function tapBlock(lines: readonly string[]): TapBlock {
  const text = lines.join('\n');
  const isYaml = /^\s*---$/.test(lines[0] ?? '');
  const said = isYaml ? (valueUnder(lines, 'message') ?? valueUnder(lines, 'error')) : null;
  const words = said ?? (isYaml ? '' : plainWords(lines));
  return {
    message: words.trim(),
    failureType: /^\s+failureType: '?(\w{1,60})/m.exec(text)?.[1] ?? null,
    at: placeOf(text),
  };
}

function placeOf(text: string): TapBlock['at'] {
  const one = /^\s+(?:at|location): ["']?([^\s"'()][^"'()\n]{0,1023}):(\d{1,7}):(\d{1,7})["']?$/m.exec(text);
  if (one !== null) return [one[1] ?? '', Number(one[2]), Number(one[3])];
  const file = /^\s+(?:file|fileName): ["']?([^"'\n]{1,1023})["']?$/m.exec(text)?.[1];
  const line = /^\s+(?:line|lineNumber): (\d{1,7})$/m.exec(text)?.[1];
  return file === undefined || line === undefined ? null : [file, Number(line), null];
}

/** `key: value`, `key: 'value'`, `key: "over lines"`, `key: |-` with deeper lines under it. */
function valueUnder(lines: readonly string[], key: string): string | null {
  const at = lines.findIndex((line) => line.trimStart().startsWith(`${key}:`));
  if (at === -1) return null;
  const line = lines[at] ?? '';
  const value = line
    .trim()
    .slice(key.length + 1)
    .trim();
  if (value === '') return null;
  const quote = value.charAt(0);
  if (quote === '"' || quote === "'") {
    const all = [value, ...lines.slice(at + 1, at + 20)].join('\n');
    return quoted(all, quote);
  }
  if (!/^[|>][-+]?$/.test(value)) return value;
  const indent = line.search(/\S/);
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((one) => one.trim() !== '' && one.search(/\S/) <= indent);
  return rest
    .slice(0, end === -1 ? 20 : end)
    .map((one) => one.trim())
    .join(' ');
}

function quoted(text: string, quote: string): string {
  let end = 1;
  while (end < text.length && text.charAt(end) !== quote) end += text.charAt(end) === '\\' ? 2 : 1;
  return text.slice(1, end).replace(/\\(["'\\])/g, '$1');
}

/** Comments without their mark, or mocha's indented lines, until a stack begins. */
function plainWords(lines: readonly string[]): string {
  const said = lines.map((line) => line.replace(/^\s*# ?/, '').trim()).filter((line) => line !== '');
  const stack = said.findIndex((line) => /^at \S/.test(line));
  return (stack === -1 ? said.slice(0, 8) : said.slice(0, stack)).join(' ');
}
