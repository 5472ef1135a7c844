import { javascriptReads } from './javascript-reads.ts';
import { cargoReads, composerReads, dotnetReads, gemReads, goReads } from './other-reads.ts';
import { python } from './python-world.ts';
import type { World } from './world.ts';

const flags = String.raw`(?:\s+--?[\w-]+(?:[= ](?:"[^"]*"|'[^']*'|[\w./@:,-]+))?)*`;

const javascript: World = {
  name: 'javascript',
  commands: new RegExp(
    `^(?:npm (?:ci|install|i)|pnpm (?:install|i)|yarn(?: install)?|bun install|corepack enable)${flags}$`,
  ),
  files:
    /(?:^|\/)(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml|\.pnpmfile\.cjs|yarn\.lock|\.yarnrc(?:\.yml)?|bun\.lockb?|bunfig\.toml|\.npmrc|lerna\.json)$|(?:^|\/)\.yarn\/(?:releases|plugins|patches|cache)\/|\.(?:patch|diff)$|\.tgz$/,
  locks: /^(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/,
  floats: /--no-package-lock|--no-lockfile|--no-frozen-lockfile|^(?:npm|pnpm|bun) update/,
  more: javascriptReads,
};

const others: readonly World[] = [
  {
    name: 'ruby',
    commands: new RegExp(String.raw`^bundle (?:install|config)(?:\s+[\w./-]+)*${flags}$`),
    files: /(?:^|\/)(?:Gemfile(?:\.lock)?|gems\.(?:rb|locked)|[^/]+\.gemspec|version\.rb)$|(?:^|\/)\.bundle\/config$/,
    more: gemReads,
    locks: /^(?:Gemfile\.lock|gems\.locked)$/,
  },
  {
    name: 'php',
    commands: new RegExp(`^composer install${flags}$`),
    files: /(?:^|\/)(?:composer\.(?:json|lock)|auth\.json)$/,
    locks: /^composer\.lock$/,
    more: composerReads,
  },
  {
    name: 'go',
    commands: new RegExp(`^go (?:mod (?:download|verify)|work sync)${flags}$`),
    files: /(?:^|\/)go\.(?:mod|sum|work|work\.sum)$/,
    more: goReads,
    locks: null,
  },
  {
    name: 'rust',
    commands: new RegExp(`^cargo fetch${flags}$`),
    files: /(?:^|\/)(?:Cargo\.(?:toml|lock)|\.cargo\/config(?:\.toml)?)$/,
    more: cargoReads,
    locks: /^Cargo\.lock$/,
  },
  {
    name: 'dotnet',
    commands: new RegExp(String.raw`^dotnet restore(?:\s+[\w./-]+)?${flags}$`),
    files:
      /\.(?:csproj|fsproj|vbproj|sln|slnx|props|targets)$|(?:^|\/)(?:packages\.lock\.json|nuget\.config|global\.json)$/i,
    more: dotnetReads,
    locks: /^packages\.lock\.json$/,
  },
];

export const worlds: readonly World[] = [javascript, python, ...others];

/** The name of the world that a simple command belongs to, or null. */
export function worldOf(part: string): string | null {
  return worlds.find(({ commands }) => commands.test(part))?.name ?? null;
}
