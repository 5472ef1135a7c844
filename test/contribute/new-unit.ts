import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { identifier, withLine, withUnit } from './registry-line.ts';
import { consumerLine, consumerSkeleton, consumerTestSkeleton } from './skeletons/consumer.ts';
import { ecosystemSkeleton, ecosystemTestSkeleton } from './skeletons/ecosystem.ts';
import { eventSkeleton, eventWords } from './skeletons/event.ts';
import { cardSkeleton, parserSkeleton } from './skeletons/parser.ts';
import { routeSkeleton, routeTestSkeleton } from './skeletons/route.ts';

type Written = { readonly path: string; readonly text: string; readonly replaces?: boolean };
type Read = (path: string) => string;

/** What each kind of unit consists of: its files, and its lines in registries. */
const kinds: Record<string, (name: string, read: Read) => readonly Written[]> = {
  parser: (name, read) => [
    { path: `parsers/${name}.ts`, text: parserSkeleton(name) },
    { path: `parsers/fixtures/${name}/about.json`, text: about(name) },
    added(read, 'parsers/registry.ts', { list: 'parsers', unit: identifier(name), from: `./${name}.ts` }),
    ...cardOf(name, read),
  ],
  consumer: (name, read) => [
    { path: `services/${name}/${name}.ts`, text: consumerSkeleton(name) },
    { path: `test/services/${name}/${name}.test.ts`, text: consumerTestSkeleton(name) },
    listed(read, 'services/registry.ts', { list: 'roles', line: consumerLine(name) }),
    listed(read, 'services/config-kinds.ts', { list: 'roleNames', line: `  '${name}',` }),
  ],
  ecosystem: (name, read) => [
    { path: `recipes/${name}.ts`, text: ecosystemSkeleton(name) },
    { path: `test/recipes/${name}.test.ts`, text: ecosystemTestSkeleton(name) },
    added(read, 'recipes/registry.ts', { list: 'ecosystems', unit: identifier(name), from: `./${name}.ts` }),
  ],
  event: (name, read) => {
    const from = fileOf(entityOf(name), read('events/registry.ts'));
    const file = `events/${from.slice(2)}`;
    return [
      { path: file, text: `${read(file)}\n${eventSkeleton(name, entityOf(name))}`, replaces: true },
      added(read, 'events/registry.ts', { list: 'events', unit: name, from }),
      listed(read, 'services/history/rules/event-words.ts', { list: 'words', line: eventWords(name) }),
      {
        path: `test/events/fixtures/${name}.v1.json`,
        text: `${JSON.stringify({ project: 'app', by: 'app' }, null, 2)}\n`,
      },
    ];
  },
  route: (name, read) => [
    { path: `services/api/projects/${name}-routes.ts`, text: routeSkeleton(name) },
    { path: `test/services/api/${name}.test.ts`, text: routeTestSkeleton(name) },
    added(read, 'services/api/registry.ts', {
      list: 'routes',
      unit: `${identifier(name)}Routes`,
      from: `./projects/${name}-routes.ts`,
    }),
  ],
};

/** The card of the tool, where the farm does not know the tool yet. */
function cardOf(name: string, read: Read): Written[] {
  const registry = 'parsers/tools/registry.ts';
  if (read(registry).includes(`'./${name}.ts'`)) return [];
  return [
    { path: `parsers/tools/${name}.ts`, text: cardSkeleton(name) },
    added(read, registry, { list: 'tools', unit: identifier(name), from: `./${name}.ts` }),
  ];
}

const about = (name: string) => `${JSON.stringify({ tool: name, version: '', source: 'recorded' }, null, 2)}\n`;

/** `ProjectArchived` is about a `project`. */
const entityOf = (name: string) => /^[A-Z][a-z]+/.exec(name)?.[0].toLowerCase() ?? '';

/** Where the events of an entity are defined, as the registry imports it: `./projects/project.ts`. */
function fileOf(entity: string, registry: string): string {
  const file = new RegExp(`from '(\\./(?:[\\w-]+/)?${entity}\\.ts)'`).exec(registry)?.[1];
  if (file === undefined) throw new Error(`there is no entity ${entity}`);
  return file;
}

function added(read: Read, path: string, unit: Parameters<typeof withUnit>[1]): Written {
  return { path, text: withUnit(read(path), unit), replaces: true };
}

function listed(read: Read, path: string, line: Parameters<typeof withLine>[1]): Written {
  return { path, text: withLine(read(path), line), replaces: true };
}

/**
 * Writes the skeleton of a unit and its lines in registries. Answers the files that were written, or a sentence that says
 * what was wrong; then nothing was written.
 */
export function newUnit(root: string, kind: string, name: string): { files: string[] } | { fault: string } {
  const make = kinds[kind];
  if (make === undefined) return { fault: `"${kind}" is no kind of unit; there are ${Object.keys(kinds).join(', ')}.` };
  const shape = kind === 'event' ? /^([A-Z][a-z]+){2,5}$/ : /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
  const example = kind === 'event' ? 'ProjectArchived' : 'yaml-lint';
  if (!shape.test(name)) return { fault: `"${name}" is no name for a ${kind}: it looks like ${example}.` };
  try {
    const written = make(name, (path) => readFileSync(join(root, path), 'utf8'));
    const there = written.find(({ path, replaces }) => replaces !== true && existsSync(join(root, path)));
    if (there !== undefined) return { fault: `${there.path} is there already.` };
    for (const { path, text } of written) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return { files: written.map(({ path }) => path) };
  } catch (error) {
    return { fault: `${(error as Error).message}.` };
  }
}

if (import.meta.main) {
  const [kind = '', name = ''] = process.argv.slice(2);
  const root = resolve(import.meta.dirname, '..', '..');
  const done = newUnit(root, kind, name);
  // The pages that are made from the registries, and the order of imports.
  if ('files' in done && existsSync(join(root, 'docs'))) {
    spawnSync(process.execPath, ['test/support/readme-tables.ts'], { cwd: root, stdio: 'inherit' });
    spawnSync('biome', ['check', '--write', ...done.files.filter((file) => file.endsWith('.ts'))], { cwd: root });
  }
  if ('fault' in done) {
    process.stderr.write(`${done.fault}\nUse: npm run new -- ${Object.keys(kinds).join('|')} NAME\n`);
    process.exitCode = 2;
  } else process.stdout.write(`${done.files.join('\n')}\nThe next steps stand in CONTRIBUTING.md.\n`);
}
