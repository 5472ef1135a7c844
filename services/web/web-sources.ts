import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const here = import.meta.dirname;

/** What the pages import by name, with the file of the package that a browser can read. */
const libraries: Readonly<Record<string, readonly [name: string, file: string]>> = {
  preact: ['preact', 'dist/preact.mjs'],
  'preact/hooks': ['preact', 'hooks/dist/hooks.mjs'],
  '@preact/signals': ['@preact/signals', 'dist/signals.mjs'],
  '@preact/signals-core': ['@preact/signals-core', 'dist/signals-core.mjs'],
  htm: ['htm', 'dist/htm.mjs'],
};

export type WebSources = {
  /** Of everything that is sent: another text, another address. */
  readonly hash: string;
  /** Texts by the path under which they are served. */
  readonly texts: ReadonlyMap<string, string>;
  /** What the pages import by name, and where it is served. */
  readonly imports: Readonly<Record<string, string>>;
};

/** Reads everything that a browser is sent. Takes some milliseconds; asked for once, by the first visitor. */
export function readWebSources(): WebSources {
  const texts = new Map<string, string>();
  const own = globSync('{rules,shell,state,ui,pages}/**/*.ts', { cwd: here }).sort();
  for (const file of own) texts.set(file, readFileSync(join(here, file), 'utf8'));
  const styles = globSync('style/*.css', { cwd: here }).sort();
  texts.set('style.css', styles.map((file) => readFileSync(join(here, file), 'utf8')).join('\n'));
  const imports: Record<string, string> = {};
  for (const [name, [packageName, file]] of Object.entries(libraries)) {
    const path = `lib/${name.replace(/^@/, '')}.mjs`;
    texts.set(
      path,
      readFileSync(fileOfPackage(packageName, file), 'utf8').replace(/\n?\/\/# sourceMappingURL=.*/g, ''),
    );
    imports[name] = path;
  }
  const hash = createHash('sha256');
  for (const [path, text] of texts) hash.update(`${path}\0${text}\0`);
  return { hash: hash.digest('base64url').slice(0, 16), texts, imports };
}

/** `exports` of a package may name its entry only: from there its folder is found. */
function fileOfPackage(name: string, file: string): string {
  const require = createRequire(
    name === '@preact/signals-core' ? fileOfPackage('@preact/signals', 'package.json') : import.meta.url,
  );
  let folder = dirname(require.resolve(name));
  while (!existsSync(join(folder, 'package.json')) || !folder.endsWith(name)) folder = dirname(folder);
  return join(folder, file);
}

const imported = /\bfrom\s*['"](\.{1,2}\/[^'"]+|[@\w][^'"]*)['"]/g;

/** The modules that one needs before it can run, itself first; types alone are not sent for. */
export function graphOf({ texts, imports }: WebSources, start: string): string[] {
  const found = new Set<string>();
  const visit = (path: string) => {
    const text = texts.get(path);
    if (found.has(path) || text === undefined) return;
    found.add(path);
    const code = text.replace(/^import type [\s\S]*?;$/gm, '');
    for (const [, name = ''] of code.matchAll(imported))
      visit(name.startsWith('.') ? join(dirname(path), name) : (imports[name] ?? ''));
  };
  visit(start);
  return [...found];
}
