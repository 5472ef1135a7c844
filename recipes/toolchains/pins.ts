import { posix } from 'node:path';
import type { Tree } from '../define.ts';
import { at, inside } from '../detection/tree.ts';
import { jsonData, objectOf, stringsOf, tableAt, tomlData } from '../evidence/read-data.ts';

export type Toolchain =
  | 'bun'
  | 'go'
  | 'gradle'
  | 'java'
  | 'maven'
  | 'node'
  | 'npm'
  | 'pnpm'
  | 'python'
  | 'ruby'
  | 'rust'
  | 'yarn';

/** A version that a file asks for, for its folder and what lies in it. */
export type Pin = {
  readonly folder: string;
  readonly toolchain: Toolchain;
  /** As it stands there, such as `1.88.0`, `v18`, `>=3.10`, or the address of a wrapper's distribution. */
  readonly asks: string;
  readonly file: string;
  /** What `rustup toolchain install` is told beside the version. */
  readonly parts?: readonly string[];
};

type Reader = (text: string) => readonly Omit<Pin, 'folder' | 'file'>[];

/** Names of a toolchain in files of asdf and mise. */
const managed: Readonly<Record<string, Toolchain>> = {
  bun: 'bun',
  golang: 'go',
  go: 'go',
  gradle: 'gradle',
  java: 'java',
  maven: 'maven',
  nodejs: 'node',
  node: 'node',
  pnpm: 'pnpm',
  python: 'python',
  ruby: 'ruby',
  rust: 'rust',
  yarn: 'yarn',
};

const mostPins = 200;
const word = /^[\w.+*^~<>=!, /@:|-]{1,120}$/;

/** By the name of a file, in the order in which they win for one toolchain: https://rust-lang.github.io/rustup/overrides.html, https://github.com/pyenv/pyenv. */
const readers: readonly (readonly [name: string, read: Reader])[] = [
  ['rust-toolchain', rustToolchain],
  ['rust-toolchain.toml', rustToolchain],
  ['.python-version', firstLine('python')],
  ['pyproject.toml', requiresPython],
  ['.nvmrc', firstLine('node')],
  ['.node-version', firstLine('node')],
  ['package.json', packagePins],
  ['go.mod', goMod],
  ['.ruby-version', firstLine('ruby')],
  ['.java-version', firstLine('java')],
  ['.tool-versions', toolVersions],
  ['mise.toml', miseTools],
  ['.mise.toml', miseTools],
  ['gradle/wrapper/gradle-wrapper.properties', wrapper('gradle')],
  ['.mvn/wrapper/maven-wrapper.properties', wrapper('maven')],
];

/** All that the files of a checkout ask for, by folder; of one toolchain in one folder what wins there. */
export function pinsOf(tree: Tree): Pin[] {
  const known = new Map<string, Pin>();
  for (const [name, read] of readers)
    for (const file of tree.files) {
      if (file !== name && !file.endsWith(`/${name}`)) continue;
      const folder = posix.normalize(file.slice(0, -name.length) || '.').replace(/\/$/, '');
      for (const pin of read(tree.text(at(folder, name)))) {
        const key = `${folder} ${pin.toolchain}`;
        if (known.has(key) || known.size >= mostPins || !word.test(pin.asks)) continue;
        known.set(key, { ...pin, folder, file });
      }
    }
  return [...known.values()];
}

/** Those that hold in a folder: of each toolchain the nearest one above. */
export function pinsIn(pins: readonly Pin[], folder: string): Pin[] {
  const nearest = new Map<Toolchain, Pin>();
  for (const pin of pins) {
    if (!inside(folder, pin.folder)) continue;
    const known = nearest.get(pin.toolchain);
    if (known === undefined || inside(pin.folder, known.folder)) nearest.set(pin.toolchain, pin);
  }
  return [...nearest.values()];
}

function firstLine(toolchain: Toolchain): Reader {
  return (text) => {
    const line = text.split('\n').find((one) => /^\s*[^#\s]/.test(one));
    const asks = line?.trim().split(/\s+/)[0] ?? '';
    return asks === '' || asks === 'system' ? [] : [{ toolchain, asks }];
  };
}

/** A channel alone on a line, or a table since rustup 1.23. */
function rustToolchain(text: string): ReturnType<Reader> {
  const table = tableAt(tomlData(text), 'toolchain');
  const channel = table['path'] ?? table['channel'];
  if (typeof channel === 'string') {
    const parts = [
      ...stringsOf(table['components']).map((one) => `--component ${one}`),
      ...stringsOf(table['targets']).map((one) => `--target ${one}`),
    ];
    return [{ toolchain: 'rust', asks: channel, parts }];
  }
  const line = text.trim();
  return /^[\w.-]+$/.test(line) ? [{ toolchain: 'rust', asks: line }] : [];
}

function requiresPython(text: string): ReturnType<Reader> {
  const asks = tableAt(tomlData(text), 'project')['requires-python'];
  return typeof asks === 'string' ? [{ toolchain: 'python', asks }] : [];
}

/** `volta` and `packageManager`, both exact. */
function packagePins(text: string): ReturnType<Reader> {
  const data = jsonData(text);
  const volta = Object.entries(objectOf(data['volta'])).flatMap(([name, asks]) => {
    const toolchain = managed[name] ?? (name === 'npm' ? name : undefined);
    return toolchain !== undefined && typeof asks === 'string' ? [{ toolchain, asks } as const] : [];
  });
  const [, manager, asks] = /^(npm|pnpm|yarn|bun)@(\d[\w.-]*)/.exec(String(data['packageManager'] ?? '')) ?? [];
  return [...(asks === undefined ? [] : [{ toolchain: manager as Toolchain, asks }]), ...volta];
}

/** https://go.dev/doc/toolchain: the `toolchain` line names what is used, `go` the least version. */
function goMod(text: string): ReturnType<Reader> {
  const asks =
    /^toolchain\s+go([\d.]+(?:rc\d+)?)\s*$/m.exec(text)?.[1] ?? /^go\s+([\d.]+(?:rc\d+)?)\s*$/m.exec(text)?.[1];
  return asks === undefined ? [] : [{ toolchain: 'go', asks }];
}

function toolVersions(text: string): ReturnType<Reader> {
  return text.split('\n').flatMap((line) => {
    const [name = '', asks = ''] = line.replace(/#.*$/, '').trim().split(/\s+/);
    const toolchain = managed[name];
    return toolchain === undefined || asks === '' || asks === 'system' ? [] : [{ toolchain, asks }];
  });
}

function miseTools(text: string): ReturnType<Reader> {
  return Object.entries(tableAt(tomlData(text), 'tools')).flatMap(([name, value]) => {
    const toolchain = managed[name];
    const first = Array.isArray(value) ? value[0] : value;
    const asks = typeof first === 'string' ? first : String(objectOf(first)['version'] ?? '');
    return toolchain === undefined || asks === '' ? [] : [{ toolchain, asks }];
  });
}

function wrapper(toolchain: Toolchain): Reader {
  return (text) => {
    const asks = /^distributionUrl\s*=\s*(.+)$/m.exec(text)?.[1]?.replace(/\\:/g, ':').trim();
    return asks === undefined ? [] : [{ toolchain, asks }];
  };
}
