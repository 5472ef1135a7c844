import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

// Writes `dist/`: `crafting-table/events` in JavaScript with declarations, for a package. Run by `npm pack` through the
// script `prepack`; a first argument names another folder.
const root = resolve(import.meta.dirname, '..', '..');
const target = resolve(process.argv[2] ?? join(root, 'dist'));
const importing = /((?:from|import\()\s*(['"])\.[^'"]*)\.ts\2/g;

/** A file and everything of ours that it needs, by path from the root. */
function closureOf(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, name] of textOf(file).matchAll(/(?:from|import\()\s*'(\.[^']*\.ts)'/g))
    closureOf(relative(root, resolve(root, dirname(file), name)), found);
  return found;
}

function textOf(file) {
  return readFileSync(join(root, file), 'utf8');
}

function write(file, text) {
  const place = join(target, file);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
}

const names = [...closureOf('events/subscribe/subscribe.ts')];
rmSync(target, { recursive: true, force: true });
for (const name of names)
  write(name.replace(/\.ts$/, '.js'), stripTypeScriptTypes(textOf(name)).replace(importing, '$1.js$2'));

const tsc = join(root, 'node_modules', '.bin', 'tsc');
const settings = { extends: join(root, 'tsconfig.json'), files: names.map((name) => join(root, name)), include: [] };
const output = { noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: root, outDir: target };
const config = join(target, 'tsconfig.json');
writeFileSync(
  config,
  JSON.stringify({ ...settings, compilerOptions: { ...output, typeRoots: [join(root, 'node_modules', '@types')] } }),
);
execFileSync(tsc, ['-p', config], { stdio: 'inherit' });
rmSync(config);
for (const name of names) {
  const declaration = name.replace(/\.ts$/, '.d.ts');
  write(declaration, readFileSync(join(target, declaration), 'utf8').replace(importing, '$1.js$2'));
}
const entry = textOf('events/subscribe/entry.d.mts').replace(importing, '$1.js$2');
write('events/subscribe/entry.d.mts', entry);
