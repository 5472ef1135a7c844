import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callService } from '../events/http/call-service.ts';
import { writeGo } from './go/write-go.ts';
import { writePython } from './python/write-python.ts';
import { type Described, type Json, readOperations } from './read-operations.ts';
import { writeTypeScript } from './typescript/write-typescript.ts';

const here = import.meta.dirname;

type Package = {
  /** Files that are as they are, in the folder of the language. */
  readonly kept: readonly string[];
  readonly write: (described: Described) => Readonly<Record<string, string>>;
};

const packages: Readonly<Record<string, Package>> = {
  go: { kept: ['go.mod', 'runtime.go', 'README.md'], write: writeGo },
  python: {
    kept: ['pyproject.toml', 'crafting_table/runtime.py', 'crafting_table/py.typed', 'README.md'],
    write: writePython,
  },
  typescript: { kept: ['package.json', 'runtime.mjs', 'runtime.d.mts', 'README.md'], write: writeTypeScript },
};

/** Writes a client of a farm for each language below `target`, out of the farm's own description (`/openapi.json`). */
export function generateClients(document: Json, target: string): void {
  const described = readOperations(document);
  for (const [language, { kept, write }] of Object.entries(packages)) {
    const folder = join(target, language);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const file of kept) cpSync(join(here, language, file), join(folder, file), { recursive: true });
    for (const [file, text] of Object.entries(write(described))) writeFileSync(join(folder, file), text);
  }
}

async function documentAt(place: string): Promise<Json> {
  if (!/^https?:/.test(place)) return JSON.parse(readFileSync(place, 'utf8'));
  const answer = await callService({ url: place }, { path: '/openapi.json' });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
  return JSON.parse(text) as Json;
}

if (import.meta.main) {
  const [place = 'http://127.0.0.1:8810', target = join(here, 'dist')] = process.argv.slice(2);
  try {
    generateClients(await documentAt(place), target);
    process.stdout.write(`Clients for ${Object.keys(packages).join(', ')} are in ${target}.\n`);
  } catch (error) {
    process.stderr.write(`No description of a farm at ${place}: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
