import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { events } from '../events/registry.ts';
import { parsers } from '../parsers/registry.ts';
import { projections } from '../projections/registry.ts';
import { ecosystems } from '../recipes/registry.ts';
import { envExample } from '../services/config.ts';
import { roleNames } from '../services/config-kinds.ts';
import {
  architecturePageOfToday,
  parsersPageOfToday,
  securityPageOfToday,
  servicesReadmeOfToday,
} from './support/readme-tables.ts';

const root = resolve(import.meta.dirname, '..');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const sources = tracked.filter((file) => /\.(ts|mjs)$/.test(file) && !/(^|\/)(fixtures|sample)\//.test(file));
const text = (file: string) => readFileSync(join(root, file), 'utf8');
const top = (file: string) => file.split('/')[0] ?? '';
/** The folder of `services/` in which a file lies. */
const homeOf = (file: string) => (file.split('/').length > 2 ? (file.split('/')[1] ?? '') : '');

function importsOf(file: string): string[] {
  return [...text(file).matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name]) => name ?? '');
}

function localImports(file: string): string[] {
  return importsOf(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(root, resolve(root, dirname(file), name)));
}

/** The table of the page for newcomers, which is what holds: a folder, and the folders that it may import. */
function importTable(): Map<string, readonly string[]> {
  const table = new Map<string, readonly string[]>();
  for (const [, folder = '', may = ''] of text('docs/architecture.md').matchAll(/^\| `(\w+)\/` \|.*\| ([^|]+) \|$/gm))
    table.set(
      folder,
      may === 'all above' ? [...table.keys()] : [...may.matchAll(/`(\w+)\/`/g)].map(([, one = '']) => one),
    );
  return table;
}

test('imports point down, as the table of docs/architecture.md says', () => {
  const table = importTable();
  assert.deepEqual([...table.keys()], ['events', 'parsers', 'recipes', 'projections', 'services']);
  for (const file of sources.filter((one) => table.has(top(one)))) {
    for (const imported of localImports(file)) {
      const allowed = top(imported) === top(file) || table.get(top(file))?.includes(top(imported));
      assert.ok(allowed, `${file} imports ${imported}`);
    }
  }
});

test('the pages for newcomers name every folder of services, and every role (node test/support/readme-tables.ts writes it)', () => {
  const rooms = /\| place \|[\s\S]*?\n\n/.exec(text('services/README.md'))?.[0] ?? '';
  for (const folder of new Set(sources.filter((one) => top(one) === 'services').map(homeOf)))
    if (folder !== '') assert.ok(rooms.includes(`\`${folder}/\``), `services/README.md has no ${folder}/`);
  assert.equal(text('services/README.md'), servicesReadmeOfToday());
  assert.equal(text('docs/architecture.md'), architecturePageOfToday());
});

test('events import nothing but TypeBox and Node, and to subscribe the client of NATS', () => {
  for (const file of sources.filter((one) => top(one) === 'events')) {
    const subscribes = file.startsWith('events/subscribe/');
    const allowed = subscribes ? /^(\.|node:|@sinclair\/typebox|@nats-io\/)/ : /^(\.|node:|@sinclair\/typebox)/;
    for (const name of importsOf(file)) assert.match(name, allowed, `${file} imports ${name}`);
  }
});

/** A role acts by itself; the other folders of `services/` serve several of them or none. */
const roles: readonly string[] = roleNames;
const inRules = (file: string) => file.startsWith('services/') && file.includes('/rules/');

test('a role imports of another role only its rules', () => {
  for (const file of sources.filter((one) => one.startsWith('services/') && roles.includes(homeOf(one)))) {
    for (const imported of localImports(file)) {
      if (!roles.includes(homeOf(imported)) || homeOf(imported) === homeOf(file) || inRules(imported)) continue;
      if (homeOf(imported) === 'projector') continue;
      // The API shows what the runner of its process is doing: the shape of that, and nothing that acts.
      const shape = imported === 'services/runner/runner.ts' && text(file).includes('import type { RunnerStatus }');
      assert.ok(shape, `${file} imports ${imported}`);
    }
  }
});

test('what lies below does not look up: io and the floor know no role, no subject and no rule', () => {
  for (const file of sources.filter((one) => /^services\/(io|floor)\//.test(one)))
    for (const imported of localImports(file)) {
      const below = top(imported) !== 'services' || ['io', 'floor', ''].includes(homeOf(imported));
      assert.ok(below && (homeOf(file) === 'io' || homeOf(imported) !== 'io'), `${file} imports ${imported}`);
    }
  for (const file of sources.filter((one) => /^services\/(mcp|cli|documents)\//.test(one)))
    for (const imported of localImports(file)) assert.notEqual(homeOf(imported), 'api', `${file} imports ${imported}`);
});

test('no imports run in a circle, those of types included', () => {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]) => {
    assert.ok(!way.includes(file), [...way.slice(way.indexOf(file)), file].join(' -> '));
    if (done.has(file)) return;
    for (const imported of localImports(file)) if (sources.includes(imported)) visit(imported, [...way, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
});

test('the API expects a sequence of the log only in a decision, which took it before anybody looked', () => {
  // 0 is no position that was read: the id of what is appended is new. Sets and readings are decided on the log alone.
  const onTheLogAlone = new Set([
    'services/api/projects/registration-routes.ts',
    'services/api/findings/project-finding-routes.ts',
  ]);
  for (const file of sources.filter((one) => one.startsWith('services/api/') && !onTheLogAlone.has(one)))
    for (const [, value] of text(file).matchAll(/\bexpect(?::|(?= ?[,}]))\s*([^,}\s]*)/g))
      assert.equal(value, '0', `${file} appends past decisionOn`);
});

test('a forge is opened with the farm’s token only where a grant is looked for', () => {
  // Whoever calls the command brings the token in an environment of their own: nothing of a farm is used.
  const byHand = 'services/cli/init/propose-recipes.ts';
  const looking = new Set(['services/projects/forge-access.ts', 'services/backup/compare-outside.ts', byHand]);
  for (const file of sources.filter((one) => one.startsWith('services/') && !looking.has(one)))
    for (const imported of localImports(file)) assert.notEqual(imported, 'services/io/forge/open-forge.ts', file);
});

test('programs are run in one room, and in those that hold a group of processes together', () => {
  // The launcher runs before anything is installed, an editor has the terminal, what the images need has no modules, and the
  // judge of a patch is spoken to by a channel.
  const others =
    /^services\/(patcher\/gate\/patch-gate|io\/process\/(group|resident)-launcher|io\/programs\/(start-program|resident-starter)|io\/nats\/server\/(embedded-server|server-folder)|cli\/farm\/edit-project|image\/.+|cli\/.+\.mjs)(\.ts)?$/;
  for (const file of sources.filter((one) => one.startsWith('services/') && !others.test(one)))
    assert.doesNotMatch(text(file), /import (?!type).*from 'node:child_process'/, `${file}: use runProgram`);
});

test('our own API is asked in one place, where the bearer, the time-outs and the tries are', () => {
  const others =
    /^(events\/http\/call-service|services\/io\/(agent\/clawdforge-files|git\/trees\/large-files\/large-file-store)|services\/observe\/otlp-exporter|services\/web\/state\/(api-call|live-stream))\.ts$/;
  for (const file of sources.filter((one) => !/^(test|bench)\//.test(one) && !others.test(one)))
    assert.doesNotMatch(text(file), /(?<![.\w])fetch\(/, `${file}: use callService`);
});

test('pauses between tries double in one place', () => {
  // What a browser is sent imports nothing of the farm.
  const others = new Set(['events/backoff.ts', 'services/web/state/live-stream.ts']);
  for (const file of sources.filter((one) => /^(services|events)\//.test(one) && !others.has(one)))
    assert.doesNotMatch(
      text(file),
      /\* 2 \*\* \(?[\w.]*(?:tries|failures|attempts|restarts|look)\b/i,
      `${file}: use backoffMs`,
    );
});

/** The files that are loaded with this one: what it asks for later, and types, are not. */
function loadedWith(file: string): string[] {
  const seen = new Set([file]);
  for (const one of seen) {
    const code = text(one);
    for (const [, name = ''] of code.matchAll(/^(?:import|export) (?!type )(?:[^;]*? from )?'(\.[^']+)';$/gm))
      seen.add(relative(root, resolve(root, dirname(one), name)));
  }
  return [...seen];
}

test('a process loads what its roles do, and nothing of the others', () => {
  const others =
    /^parsers\/tools\/|^services\/(?:api|claims\/serve|egress\/(?:gateway|open-access)|runner\/run-job|patcher\/drafting\/draft-)/;
  const asked: Readonly<Record<string, RegExp>> = { runner: /run-job/ };
  const begin = text('services/registry.ts');
  for (const [, role = '', file = ''] of begin.matchAll(/^ {2}(\w+): async [^;]*?import\('\.\/([^']+)'\)/gm)) {
    const loaded = new Set([...loadedWith('services/start.ts'), ...loadedWith(`services/${file}`)]);
    const strange = [...loaded].filter((one) => others.test(one) && !asked[role]?.test(one));
    assert.deepEqual(strange, [], role);
  }
});

test('a rule takes no clock, no chance, no file, no network, no environment, and imports nothing that acts', () => {
  const outside =
    /^node:(?!crypto$|path$|util$|zlib$|buffer$|url$)|^(?:better-sqlite3|nodemailer|@nats-io|ulid|isomorphic-git)/;
  const taken =
    /\b(?:Math\.random|crypto\.|random(?:Bytes|UUID|Int)|ulid\(|setTimeout|setInterval|performance\.|process\.(?:env|argv|cwd|hrtime|pid|memoryUsage))/;
  for (const file of sources.filter(inRules)) {
    for (const name of importsOf(file)) assert.doesNotMatch(name, outside, `${file} imports ${name}`);
    const code = text(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    assert.doesNotMatch(code, taken, `${file}: hand it in`);
    for (const imported of localImports(file)) {
      const fine = top(imported) !== 'services' || inRules(imported) || homeOf(imported) === 'floor';
      assert.ok(fine, `${file} imports ${imported}`);
    }
  }
});

test('the time comes from one clock: what decides or stamps can be at any date', () => {
  const others = /\bDate\.now\(\)|\bnew Date\(\)|\bDate\(\)|\bulid\(\)\.timestamp/;
  const clocks = new Set(['services/floor/clock.ts', 'services/web/state/browser-clock.ts']);
  const code = sources.filter((one) => !/^(test|bench)\//.test(one) && !clocks.has(one));
  for (const file of code)
    assert.doesNotMatch(text(file), others, `${file}: ask a Clock, or performance.now() how long`);
  // Who is handed a clock asks no other one. These begin something, or compare with what the kernel stamps.
  const mayChoose =
    /^services\/(start|cli\/.+|io\/open-store|io\/nats\/log\/jetstream-event-log|io\/forge\/forge-failure|io\/git\/trees\/tree-print)\.ts$/;
  for (const file of code.filter((one) => !mayChoose.test(one)))
    assert.doesNotMatch(text(file), /\bsystemClock\b/, `${file} is to be handed its clock`);
});

test('every file is named in kebab-case, and no two source files share a name', () => {
  const shared = new Set(['define.ts', 'registry.ts', 'main.ts']);
  const seen = new Map<string, string>();
  for (const file of sources.filter((one) => !one.startsWith('test/'))) {
    const name = basename(file);
    assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*\.(ts|mjs)$/, file);
    // What is known of a tool stands under the tool's name, as does its parser.
    if (shared.has(name) || file.startsWith('bench/') || file.startsWith('parsers/tools/')) continue;
    assert.ok(!seen.has(name), `${file} and ${seen.get(name)} share a name`);
    seen.set(name, file);
  }
});

const speaksOfThem = new Set(['test/architecture.test.ts', 'parsers/tools/tsc.ts']);

test('TypeScript is erasable, exported by name, and free of types given up', () => {
  for (const file of sources.filter((one) => one.endsWith('.ts') && !speaksOfThem.has(one))) {
    const code = text(file);
    assert.doesNotMatch(code, /^\s*(export )?(const )?enum /m, file);
    assert.doesNotMatch(code, /^export default /m, file);
    assert.doesNotMatch(code, /(\/\/|\/\*)\s*@ts-(ignore|nocheck)/, file);
    assert.doesNotMatch(code, /\b(it|test|describe)\.(only|todo)\b/, file);
    for (const name of importsOf(file))
      if (name.startsWith('.')) assert.match(name, /\.(ts|mjs)$/, `${file} imports ${name}`);
  }
});

function unitsIn(folder: string): string[] {
  // A read model lies in the room of its subject, beside its questions.
  if (folder === 'projections')
    return sources
      .filter((file) => top(file) === folder && /^export const \w+: Projection = /m.test(text(file)))
      .map((file) => basename(file, '.ts'));
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.slice(0, -3));
}

test('a registry lists exactly the units of its folder, alphabetically', () => {
  const machinery: Record<string, string[]> = {
    parsers: ['define', 'registry', 'fingerprint', 'read-log'],
    recipes: ['define', 'registry', 'sample-repository', 'shell-word'],
  };
  const listed: Record<string, string[]> = {
    parsers: parsers.map(({ name }) => name),
    recipes: ecosystems.map(({ name }) => name),
    projections: projections.map(({ name }) => name),
  };
  for (const [folder, names] of Object.entries(listed)) {
    const units = unitsIn(folder).filter((unit) => !machinery[folder]?.includes(unit));
    assert.deepEqual([...names].sort(), units.sort(), folder);
    assert.deepEqual(names, [...names].sort(), `${folder}/registry.ts is in order`);
  }
});

test('every event stands in the registry under its own name, in alphabetical order', () => {
  const names = Object.keys(events);
  assert.deepEqual(names, [...names].sort());
  for (const [name, definition] of Object.entries(events)) assert.equal(definition.name, name);
  const defined = sources
    .filter((file) => top(file) === 'events')
    .flatMap((file) => [...text(file).matchAll(/^export const (\w+) = defineEvent\(/gm)].map(([, name]) => name));
  assert.deepEqual(defined.sort(), names.sort());
});

test('the five folders have a README, and READMEs and docs name only files that exist', () => {
  for (const folder of ['events', 'parsers', 'projections', 'recipes', 'services'])
    assert.ok(existsSync(join(root, folder, 'README.md')), folder);
  const pages = tracked.filter(
    (one) => /(^|\/)README\.md$|^docs\/.*\.md$|^[A-Z]+\.md$/.test(one) && !one.includes('fixtures/'),
  );
  for (const file of pages) {
    const folder = dirname(file);
    // What configures tools is named there, wherever it is.
    const own = text(file).replace(/<!-- tools -->[\s\S]*<!-- \/tools -->/, '');
    for (const [, name = ''] of own.matchAll(/`([\w-][\w./-]*\.(?:ts|mjs|md|json|pl))`/g)) {
      const known = tracked.some(
        (one) => one.startsWith(/^(\.|docs)$/.test(folder) ? '' : `${folder}/`) && `/${one}`.endsWith(`/${name}`),
      );
      assert.ok(known || existsSync(join(root, name)), `${file} names ${name}`);
    }
  }
});

test('.env.example is what the schema of the configuration says', () => {
  assert.equal(text('.env.example'), envExample());
});

test('the table of what a hostile job reaches is made from what is tried (node test/support/readme-tables.ts writes it)', () => {
  assert.equal(text('docs/security.md'), securityPageOfToday());
});

test('the table of parsers in docs is made from the registry (node test/support/readme-tables.ts writes it)', () => {
  assert.equal(text('docs/parsers.md'), parsersPageOfToday());
});

test('the lock file names no download address', () => {
  assert.doesNotMatch(text('package-lock.json'), /"resolved": "http/);
});
