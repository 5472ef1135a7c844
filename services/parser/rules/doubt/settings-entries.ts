/** One word of a setting and where it stands: the keys around it, the outermost first. */
export type SettingEntry = { readonly keys: readonly string[]; readonly word: string };

const mostEntries = 20_000;
const longestText = 200_000;
const longestWord = 300;
/** Keys around a word: what lies deeper is told by the outer ones. */
const mostKeys = 24;

/** What was read last: many findings of one run are asked about in the same few files. */
const known = new Map<string, readonly SettingEntry[]>();
const mostKnown = 32;

/** The settings of a file, word by word. `list`: one thing to pass over a line. Never throws, and never reads comments. */
export function entriesOf(path: string, text: string, isList: boolean): readonly SettingEntry[] {
  const key = `${path}\0${isList}\0${text}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const entries = readerOf(name, text, isList)(text.slice(0, longestText)).slice(0, mostEntries);
  if (known.size >= mostKnown) known.clear();
  known.set(key, entries);
  return entries;
}

type Reader = (text: string) => SettingEntry[];

function readerOf(name: string, text: string, isList: boolean): Reader {
  if (/\.(?:[cm]?[jt]s|jsonc?|json5|neon|hcl|gradle|kts|exs|php)$/.test(name) || /^\s*(?:\{|\[\s*[{"\]])/.test(text)) {
    return name.endsWith('.neon') ? indented : braced;
  }
  if (/\.ya?ml$/.test(name) || /^\.(?:clang-|yamllint|ansible-lint)/.test(name)) return indented;
  if (/\.(?:xml|props|targets|\w{2}proj|ruleset|xctestplan)(?:\.dist)?$/.test(name) || /^\s*<[?!\w]/.test(text))
    return marked;
  if (isList) return listed;
  if (/^[\w-]{1,60}:\s*(?:#.*)?$/m.test(text) && !/^\s*\[[^\]]+\]\s*$/m.test(text) && !text.includes('='))
    return indented;
  return sectioned;
}

function words(text: string): string[] {
  return text
    .split(/[\s,;"'`()[\]{}|]+/)
    .map((word) => word.slice(0, longestWord).replace(/^[=:]{1,9}|[=:]{1,9}$/g, ''))
    .filter((word) => word !== '');
}

/** The words of a value. What is an option of a command is a key for what comes with it. */
function spread(keys: readonly string[], text: string): SettingEntry[] {
  let option: string | null = null;
  return words(text).flatMap((word): SettingEntry[] => {
    const [, name, value] = /^(--?[\w-]+)=(.+)$/.exec(word) ?? [];
    if (name !== undefined && value !== undefined) return [{ keys: [...keys, name], word: value }];
    const before = option;
    option = /^--?[a-z]/i.test(word) ? word : null;
    return [{ keys: before === null ? keys : [...keys, before], word }];
  });
}

/** Lists: a line is what is passed over, and may be of several parts. */
function listed(text: string): SettingEntry[] {
  return text.split('\n').flatMap((raw) => {
    const line = raw
      .slice(0, 2000)
      .replace(/(?:^|\s)(?:#|\/\/).*$/, '')
      .trim();
    if (line === '') return [];
    const kept = line.startsWith('!');
    const parts = [line.replace(/^!/, ''), ...words(line), ...line.split(':')];
    return [...new Set(parts)].map((word) => ({ keys: [kept ? 'include' : 'ignore'], word }));
  });
}

/** `[section]` and `key = value`, values over several lines; `pattern: codes` of a key for single files. */
function sectioned(text: string): SettingEntry[] {
  const entries: SettingEntry[] = [];
  const lines = text.split('\n').map((line) => line.slice(0, 4000).replace(/(?:^|\s)(?:#|;(?=\s|$)).*$/, ''));
  let section: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const header = /^\s*\[{1,2}(.+?)\]{1,2}\s*$/.exec(line)?.[1];
    if (header !== undefined) {
      section = keyParts(header);
      continue;
    }
    const [key, first] = keyAndValue(line);
    if (key === undefined) {
      entries.push(...words(line).map((word) => ({ keys: section, word })));
      continue;
    }
    let value = first;
    let depth = depthOf(first);
    while (at + 1 < lines.length && (depth > 0 || /^\s+\S/.test(lines[at + 1] ?? ''))) {
      at += 1;
      value += `\n${lines[at]}`;
      depth += depthOf(lines[at] ?? '');
    }
    entries.push(...valueEntries([...section, ...keyParts(key)], value));
  }
  return entries;
}

/** The key of a line, with what follows it; undefined where the line has none. */
function keyAndValue(line: string): [string | undefined, string] {
  const text = line.trimStart();
  const quote = /^["']/.exec(text)?.[0];
  const from = quote === undefined ? 0 : text.indexOf(quote, 1) + 1;
  const at = text.slice(from).search(/[=:]/);
  const key = text.slice(0, from + at).trim();
  return at < 0 || key === '' || /[[\]{}]/.test(quote === undefined ? key : '')
    ? [undefined, '']
    : [key, text.slice(from + at + 1)];
}

/** `a."b.c".d` as its parts; a pattern of files is one. */
function keyParts(text: string): string[] {
  if (/[/*]/.test(text) && !text.includes('"')) return [text.trim()];
  const parts = [...text.matchAll(/"([^"]*)"|'([^']*)'|[^."']+/g)];
  return parts.map(([plain, one, other]) => (one ?? other ?? plain).trim()).filter((part) => part !== '');
}

function valueEntries(keys: readonly string[], value: string): SettingEntry[] {
  if (/per-?file/i.test(keys.join('.')) && !/[=[]/.test(value)) return perFile(keys, value);
  if (!value.trim().startsWith('{')) return spread(keys, value);
  return braced(value).map((one) => ({ keys: [...keys, ...one.keys], word: one.word }));
}

function depthOf(text: string): number {
  return (text.match(/[[{]/g)?.length ?? 0) - (text.match(/[\]}]/g)?.length ?? 0);
}

function perFile(keys: readonly string[], block: string): SettingEntry[] {
  let pattern = '';
  return block.split(/[\s,]+/).flatMap((part) => {
    const [, before, after = ''] = /^([^:]+):(.*)$/.exec(part) ?? [null, null, part];
    if (before !== null && before !== undefined) pattern = before;
    return after === '' ? [] : [{ keys: [...keys, pattern], word: after }];
  });
}

const token =
  /"((?:[^"\\\n]|\\.){0,500})"|'((?:[^'\\\n]|\\.){0,500})'|`((?:[^`\\]|\\.){0,500})`|\/\*[\s\S]{0,5000}?\*\/|\/\/[^\n]*|(?<=^|\s)#[^\n]*|[{}[\](),:;=]|[^\s{}[\](),:;="'`]+/gm;

/** JSON and what looks like it, sources that hold a configuration included. */
function braced(text: string): SettingEntry[] {
  const entries: SettingEntry[] = [];
  const outer: string[] = [];
  let key = '';
  let last: string | null = null;
  const settle = () => {
    if (last === null || entries.length >= mostEntries) return;
    const keys = [...outer.slice(0, mostKeys), key].filter((one) => one !== '');
    if (/\s/.test(last)) entries.push(...spread(keys, last));
    else entries.push({ keys, word: last });
    last = null;
  };
  for (const match of text.matchAll(token)) {
    const [all] = match;
    if (all.startsWith('/*') || all.startsWith('//') || (all.startsWith('#') && all.length > 1)) continue;
    if (all === ':' || all === '=') {
      key = last ?? key;
      last = null;
    } else if (all === '{' || all === '[' || all === '(') {
      settle();
      outer.push(key);
      key = '';
    } else if (all === '}' || all === ']' || all === ')') {
      settle();
      key = '';
      outer.pop();
    } else if (all === ',' || all === ';') {
      settle();
      key = '';
    } else {
      settle();
      last = match[1] ?? match[2] ?? match[3] ?? all;
    }
  }
  settle();
  return entries;
}

/** Block YAML and NEON: keys by their indentation. */
function indented(text: string): SettingEntry[] {
  const entries: SettingEntry[] = [];
  const outer: { indent: number; key: string }[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.slice(0, 4000).replace(/(?:^|\s)#.*$/, '');
    const [, space = '', dash = '', rest = ''] = /^(\s*)((?:-\s+)*)(.*)$/.exec(line) ?? [];
    if (rest.trim() === '') continue;
    const indent = space.length + dash.length;
    while ((outer.at(-1)?.indent ?? -1) >= indent) outer.pop();
    const colon = /^[{[]/.test(rest) ? -1 : rest.search(/:(?:\s|$)/);
    const key =
      colon < 1
        ? null
        : rest
            .slice(0, colon)
            .trim()
            .replace(/^["']|["']$/g, '');
    const value = (colon < 1 ? rest : rest.slice(colon + 1)).trim();
    const keys = outer.slice(0, mostKeys).map((one) => one.key);
    if (key !== null) {
      outer.push({ indent, key });
      keys.push(key);
    }
    if (/^[{[]/.test(value))
      entries.push(...braced(value).map((one) => ({ keys: [...keys, ...one.keys], word: one.word })));
    else entries.push(...words(value).map((word) => ({ keys, word })));
  }
  return entries;
}

/** XML: elements around, attributes and text. */
function marked(text: string): SettingEntry[] {
  const entries: SettingEntry[] = [];
  const outer: string[] = [];
  for (const [, comment, close, open, attributes = '', empty, inner] of text.matchAll(
    /(<!--[\s\S]*?-->|<[?!][^>]*>)|<\/([\w.:-]+)\s*>|<([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/g,
  )) {
    if (comment !== undefined) continue;
    if (close !== undefined) outer.pop();
    else if (open !== undefined) {
      outer.push(open);
      for (const [, name = '', one, other] of attributes.matchAll(/([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
        entries.push(...words(one ?? other ?? '').map((word) => ({ keys: [...outer.slice(0, mostKeys), name], word })));
      if (empty === '/') outer.pop();
    } else entries.push(...words(inner ?? '').map((word) => ({ keys: outer.slice(0, mostKeys), word })));
    if (entries.length > mostEntries) break;
  }
  return entries;
}
