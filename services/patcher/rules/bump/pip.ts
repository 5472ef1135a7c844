import { posix } from 'node:path';
import { type BumpEcosystem, type BumpRequest, type Home, type HomePlan, none } from './define.ts';
import { pythonOrder } from './python-order.ts';
import { includedFiles, type Pin, pinOf, pythonName } from './requirement-pin.ts';

const requirementFile = /^(?:[\w.-]*(?:requirements|constraints)[\w.-]*|requirements\/[\w./-]+)\.(?:txt|in)$/;
const locks = ['poetry.lock', 'uv.lock', 'pdm.lock', 'Pipfile.lock', 'pylock.toml'];
/** Tables of a pyproject.toml whose strings are requirements. */
const tables = new Set(['project', 'project.optional-dependencies', 'dependency-groups', 'build-system']);

/** Python: pins in requirements files and in pyproject.toml, changed as text. Nothing is run. */
export const pip: BumpEcosystem = {
  name: 'pip',
  auditors: ['pip-audit'],
  languages: ['python'],
  knownBy: /^(?:pyproject\.toml|[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|in))$/,
  toolNeeded: 'pip',
  order: pythonOrder,
  packageName: pythonName,
  installed(name, home) {
    const pins = [...requirementTexts(home)].flatMap(([, text]) => text.split(/\r?\n/));
    return [...pins, ...(home.text('pyproject.toml') ?? '').split('"')]
      .map((text) => pinOf(text, name, pythonOrder))
      .flatMap((pin) => (pin?.kind === 'exact' ? [pin.version] : []));
  },
  plan,
};

function plan({ name, from, to, home }: BumpRequest): HomePlan {
  const files = new Map<string, string>();
  const seen = new Set<string>();
  const moved = (pin: Pin): string | null => {
    seen.add(pin.kind);
    if (pin.kind !== 'exact') return null;
    const old = from === null ? pythonOrder.compare(pin.version, to) < 0 : pythonOrder.compare(pin.version, from) === 0;
    return old ? pin.withVersion(to) : null;
  };
  for (const [file, text] of requirementTexts(home)) {
    const after = inRequirements(text, name, moved);
    if (after !== text) files.set(file, after);
  }
  const manifest = home.text('pyproject.toml');
  const after = manifest === undefined ? undefined : inProject(manifest, name, moved);
  const lock = locks.find((one) => home.text(one) !== undefined);
  if (seen.has('hashed')) return none(`${name} is pinned with hashes, which change with the version`);
  if (after !== undefined && after !== manifest) {
    if (lock !== undefined) return none(`pyproject.toml pins ${name}, and ${lock} would no longer agree with it`);
    files.set('pyproject.toml', after);
  }
  if (files.size > 0) return { kind: 'edit', files, note: 'Only the pinned version changes.' };
  if (seen.has('range')) return none(`${name} is asked for in a range, not at one version`);
  if (seen.has('exact')) return none(`what is pinned of ${name} is not ${from ?? `older than ${to}`}`);
  return none(`no requirements file and no pyproject.toml names ${name}: another package brings it along`);
}

/** The requirements files of the home, with those that they include. */
function requirementTexts(home: Home): Map<string, string> {
  const texts = new Map<string, string>();
  const open = home.names.filter((name) => requirementFile.test(name));
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const text = home.text(file);
    if (text === undefined || texts.has(file) || texts.size >= 64) continue;
    texts.set(file, text);
    const folder = posix.dirname(file);
    open.push(...includedFiles(text).map((one) => posix.join(folder, one)));
  }
  return texts;
}

function inRequirements(text: string, name: string, moved: (pin: Pin) => string | null): string {
  return text
    .split('\n')
    .map((line, at, lines) => {
      const [own, end] = line.endsWith('\r') ? [line.slice(0, -1), '\r'] : [line, ''];
      // What a line before goes on with is no requirement of its own.
      if (/\\\r?$/.test(lines[at - 1] ?? '')) return line;
      const pin = pinOf(own, name, pythonOrder);
      const after = pin === null ? null : moved(pin);
      return after === null ? line : after + end;
    })
    .join('\n');
}

/** Strings in the tables that hold requirements; a comment is none. */
function inProject(text: string, name: string, moved: (pin: Pin) => string | null): string {
  let table = '';
  return text
    .split('\n')
    .map((line) => {
      table = /^\s{0,20}\[\s{0,8}([\w.-]{1,100})\s{0,8}\]\s{0,200}(?:#|\r?$)/.exec(line)?.[1] ?? table;
      if (!tables.has(table) || line.trim().startsWith('#')) return line;
      return line.replace(/"([^"\\\n]{1,500})"|'([^'\n]{1,500})'/g, (whole, basic?: string, literal?: string) => {
        const pin = pinOf(basic ?? literal ?? '', name, pythonOrder);
        const after = pin === null ? null : moved(pin);
        return after === null ? whole : `${whole.charAt(0)}${after}${whole.charAt(0)}`;
      });
    })
    .join('\n');
}
