import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parsers } from '../../parsers/registry.ts';
import { languagesOf } from '../../parsers/tools/parser-words.ts';
import { tools } from '../../parsers/tools/registry.ts';
import { envExample } from '../../services/config.ts';
import { roleNames } from '../../services/config-kinds.ts';
import { logCodes } from '../../services/floor/log-codes.ts';
import { attemptTable } from '../services/io/sandbox/escape-attempts.ts';

const root = resolve(import.meta.dirname, '..', '..');
const page = join(root, 'docs', 'parsers.md');
const securityPage = join(root, 'docs', 'security.md');

type About = { tool?: string; version?: string; source?: string; recorded?: unknown; [key: string]: unknown };

/** The table of parsers in docs/parsers.md, made from the registry and from what each folder of fixtures says of itself. */
export function parserTable(): string {
  const rows = parsers.map((parser) => {
    const { name, json, xml, cues } = parser;
    const forms = [...(json ? ['JSON'] : []), ...(xml ? ['XML'] : []), ...(cues ? ['text'] : [])];
    return `| ${name} | ${languagesOf(parser).join(', ') || 'any'} | ${forms.join(', ') || 'exit code'} | ${provenBy(name)} |`;
  });
  return ['| parser | languages | reads | proved on |', '|---|---|---|---|', ...rows].join('\n');
}

function provenBy(name: string): string {
  const folder = join(root, 'parsers', 'fixtures', name);
  const about = JSON.parse(readFileSync(join(folder, 'about.json'), 'utf8')) as About;
  const text = JSON.stringify(about);
  const situations = new Set(readdirSync(folder).filter((file) => file.endsWith('.meta.json'))).size;
  const [recorded, synthetic] = [/recorded/.test(text), /synthetic/.test(text)];
  const how = recorded && synthetic ? 'recorded and synthetic' : recorded ? 'recorded' : 'synthetic';
  return `${situations} logs, ${how}`;
}

/** Puts a text between the markers `<!-- name -->` and `<!-- /name -->`. */
export function withBlock(document: string, name: string, block: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(open), document.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`the page has no markers for ${name}`);
  return `${document.slice(0, from + open.length)}\n${block}\n${document.slice(to)}`;
}

/** The table of tools in docs/parsers.md: what keeps each quiet, as its card says. Tools that nothing keeps quiet are left out. */
export function toolTable(): string {
  const code = (words: string) => `\`${words.replaceAll('|', '\\|')}\``;
  const rows = tools.flatMap(({ name, documentation, silencers = [], settings = {} }) => {
    const { files = [], lists = [], tables = {} } = settings;
    const shared = Object.entries(tables).flatMap(([file, own]) => own.map((table) => `${table} of ${file}`));
    const read = [...files, ...lists, ...shared].map(code);
    if (silencers.length + read.length === 0) return [];
    const said = silencers.map(({ example }) => code(example.replace(/\s+/g, ' ')));
    return [`| [${name}](${documentation}) | ${said.join(' ') || 'none'} | ${read.join(' ') || 'build files'} |`];
  });
  return ['| tool | comments that silence it | files and tables that configure it |', '|---|---|---|', ...rows].join(
    '\n',
  );
}

/** docs/parsers.md as it would be with the tables of today. */
export function parsersPageOfToday(): string {
  const withParsers = withBlock(readFileSync(page, 'utf8'), 'parsers', parserTable());
  return withBlock(withParsers, 'tools', toolTable());
}

/** docs/security.md with what hostile jobs reach, as the tests that try it see it. */
export function securityPageOfToday(): string {
  return withBlock(readFileSync(securityPage, 'utf8'), 'attempts', attemptTable());
}

const architecturePage = join(root, 'docs', 'architecture.md');
const servicesReadme = join(root, 'services', 'README.md');

/** docs/architecture.md with the roles of today, in its picture and in its rule of imports. */
export function architecturePageOfToday(): string {
  const boxes = roleNames.map((role) => `    ${role}[${role}]\n`).join('');
  const named = roleNames.filter((role) => role !== 'projector').map((role) => `\`${role}\``);
  return readFileSync(architecturePage, 'utf8')
    .replace(/( {2}subgraph farm \[.*\]\n)[\s\S]*?( {2}end\n)/, `$1${boxes}$2`)
    .replace(/(?<=a role \()[^)]*(?=\))/, named.join(', '));
}

/** services/README.md with the roles of today. */
export function servicesReadmeOfToday(): string {
  const folders = roleNames.map((role) => `\`${role}/\``).join(', ');
  return readFileSync(servicesReadme, 'utf8').replace(
    /^\| .* \| one folder a role \|$/m,
    `| ${folders} | one folder a role |`,
  );
}

/** docs/log-messages.md, from the codes of today. */
export function logCodesPage(): string {
  const rows = Object.entries(logCodes).sort(([a], [b]) => (a < b ? -1 : 1));
  return `# Log messages

Every warning and error of the service's own log has a \`code\` that does not change; the sentence may. Search for the code.

| \`code\` | message | what to do |
|---|---|---|
${rows.map(([code, { says, todo }]) => `| \`${code}\` | ${says} | ${todo} |`).join('\n')}
`;
}

if (import.meta.main) {
  writeFileSync(architecturePage, architecturePageOfToday());
  writeFileSync(servicesReadme, servicesReadmeOfToday());
  writeFileSync(page, parsersPageOfToday());
  writeFileSync(securityPage, securityPageOfToday());
  writeFileSync(join(root, 'docs', 'log-messages.md'), logCodesPage());
  writeFileSync(join(root, '.env.example'), envExample());
}
