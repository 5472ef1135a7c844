/** What is known of the installs of one world of packages. */
export type World = {
  readonly name: string;
  /** Its commands, whole, which read nothing but `files` where `more` says nothing. */
  readonly commands: RegExp;
  readonly files: RegExp;
  /** Files that count besides, by what the manifests say. */
  readonly moreFiles?: (near: readonly string[], text: Facts['text']) => RegExp | null;
  /** Files that count wherever they lie. */
  readonly anywhere?: RegExp;
  /** Any of them decides the versions; null: nothing is to be decided. */
  readonly locks: RegExp | null;
  /** Commands that decide the versions anew whatever a lock file says. */
  readonly floats?: RegExp;
  /** Why an install depends on more than `files`. */
  readonly more?: (facts: Facts) => string | undefined;
};

export type Facts = {
  readonly parts: readonly string[];
  readonly near: readonly string[];
  readonly text: (path: string) => string;
};

const flags = String.raw`(?:\s+--?[\w-]+(?:[= ](?:"[^"]*"|'[^']*'|[\w./@:,-]+))?)*`;
const name = (path: string) => path.slice(path.lastIndexOf('/') + 1);

const javascript: World = {
  name: 'javascript',
  commands: new RegExp(
    `^(?:npm (?:ci|install|i)|pnpm (?:install|i)|yarn(?: install)?|bun install|corepack enable)${flags}$`,
  ),
  files:
    /(?:^|\/)(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml|\.pnpmfile\.cjs|yarn\.lock|\.yarnrc(?:\.yml)?|bun\.lockb?|bunfig\.toml|\.npmrc|lerna\.json)$|(?:^|\/)\.yarn\/(?:releases|plugins|patches|cache)\/|(?:^|\/)patches\/[^/]+\.(?:patch|diff)$|\.tgz$/,
  locks: /^(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/,
  floats: /--no-package-lock|--no-lockfile|--no-frozen-lockfile|^(?:npm|pnpm|bun) update/,
  more: ({ parts, near, text }) => {
    const manifests = near.filter((path) => name(path) === 'package.json').map(text);
    if (manifests.some((one) => /:\s*"(?:file|link|portal):/.test(one) || /"injected"\s*:/.test(one)))
      return 'a package.json names a folder as a package';
    const runsScripts = parts.some(
      (part) => /^(?:npm|pnpm|yarn|bun)\b/.test(part) && !/--ignore-scripts|skip-build/.test(part),
    );
    const hooks = /"(?:(?:pre|post)?(?:install|prepare)|prepublish)"\s*:/;
    return runsScripts && manifests.some((one) => hooks.test(one))
      ? 'a package.json has a script that installs run'
      : undefined;
  },
};

const word = String.raw`(?:"[^"]*"|'[^']*'|[^\s'"]+)`;
const pip = String.raw`(?:\S*python[\d.]*\s+-m\s+pip|\S*pip[\d.]*|uv\s+pip)\s+install(?:\s+${word})+`;
const sources =
  /\.(?:c|cc|cpp|cxx|h|hpp|pyx|pxd|rs|f|f90|go|cu|i|swg)$|(?:^|\/)(?:CMakeLists\.txt|meson\.build|Cargo\.toml)$/;

/** Whether `pip install` is given a folder or an archive, and not by `-e`. */
function copiesSources(part: string): boolean {
  if (!/\bpip[\d.]*\s+install\b/.test(part)) return false;
  const words = part.split(/\s+/).map((one) => one.replaceAll(/['"]/g, ''));
  const named = words.slice(words.indexOf('install') + 1);
  return named.some(
    (one, at) =>
      !one.startsWith('-') &&
      !/^(?:-e|--editable|-r|--requirement|-c|--constraint|-t|--target|-f|--find-links|-i|--index-url|--extra-index-url|--cache-dir|--python)$/.test(
        named[at - 1] ?? '',
      ) &&
      (/^[.~]/.test(one) || one.includes('/') || /\.(?:whl|zip|tar\.\w+|tgz)$/.test(one)),
  );
}

const python: World = {
  name: 'python',
  commands: new RegExp(
    String.raw`^(?:\S*python[\d.]*\s+-m\s+venv${flags}(?:\s+[\w./-]+)?|virtualenv${flags}(?:\s+[\w./-]+)?|uv\s+venv${flags}(?:\s+[\w./-]+)?|${pip}|uv\s+sync${flags}|poetry\s+(?:install|sync)${flags}|pdm\s+(?:install|sync)${flags}|pipenv\s+(?:install|sync)${flags})$`,
  ),
  files:
    /(?:^|\/)(?:pyproject\.toml|setup\.py|setup\.cfg|MANIFEST\.in|Pipfile(?:\.lock)?|poetry\.(?:lock|toml)|uv\.(?:lock|toml)|pdm\.(?:lock|toml)|pylock[\w.-]*\.toml|pip\.conf|hatch\.toml)$/,
  // A version that is read from the sources, and what setup.py may read besides.
  moreFiles: (near, text) =>
    near.some((path) => name(path) === 'setup.py') ||
    near.some((path) => /^(?:pyproject\.toml|setup\.cfg)$/.test(name(path)) && /dynamic\s*=|\battr\b/.test(text(path)))
      ? /(?:^|\/)(?:_?version|__about__|__init__|_?meta)\.py$|(?:^|\/)(?:VERSION|version\.txt)$/
      : null,
  anywhere: /(?:^|\/)(?:requirements|constraints)[^/]*\.(?:txt|in)$|(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/,
  locks: /^(?:uv\.lock|poetry\.lock|pdm\.lock|Pipfile\.lock)$/,
  floats: /\bpip[\d.]*\s+install\b(?!.*--require-hashes)/,
  more: ({ parts, near, text }) => {
    const all = parts.join('\n');
    if (parts.some(copiesSources)) return 'it installs a copy of the sources';
    const own =
      /(?:-e|--editable)[ =]|^(?:uv\s+sync|poetry|pdm|pipenv)/m.test(all) &&
      !/--no-install-project|--no-root|--no-self/.test(all);
    if (!own) return undefined;
    const manifests = near
      .filter((path) => /^(?:pyproject\.toml|setup\.(?:py|cfg))$/.test(name(path)))
      .map(text)
      .join('\n');
    if (
      /setuptools[_-]scm|hatch-vcs|versioneer|versioningit|\bpbr\b|dunamai|dynamic-versioning|setuptools-git/.test(
        manifests,
      )
    )
      return 'the version of the package is that of the commit';
    return near.some((path) => sources.test(path)) ? 'it may compile sources of the package' : undefined;
  },
};

const others: readonly World[] = [
  {
    name: 'ruby',
    commands: new RegExp(String.raw`^bundle (?:install|config)(?:\s+[\w./-]+)*${flags}$`),
    files: /(?:^|\/)(?:Gemfile(?:\.lock)?|gems\.(?:rb|locked)|[^/]+\.gemspec|version\.rb)$|(?:^|\/)\.bundle\/config$/,
    locks: /^(?:Gemfile\.lock|gems\.locked)$/,
  },
  {
    name: 'php',
    commands: new RegExp(`^composer install${flags}$`),
    files: /(?:^|\/)(?:composer\.(?:json|lock)|auth\.json)$/,
    locks: /^composer\.lock$/,
    more: ({ parts, near, text }) => {
      const manifests = near.filter((path) => name(path) === 'composer.json').map(text);
      if (manifests.some((one) => /"type"\s*:\s*"path"/.test(one)))
        return 'a composer.json names a folder as a package';
      const runsScripts = parts.some((part) => part.startsWith('composer') && !part.includes('--no-scripts'));
      if (runsScripts && manifests.some((one) => /"scripts"\s*:/.test(one))) return 'a composer.json has scripts';
      // The map of classes is made from the sources.
      const mapped = /"(?:classmap|files)"\s*:|optimize-autoloader|classmap-authoritative/;
      return manifests.some((one) => mapped.test(one)) ||
        parts.some((part) => /--(?:optimize|classmap)|\s-o\b/.test(part))
        ? 'the autoloader lists the sources'
        : undefined;
    },
  },
  {
    name: 'go',
    commands: new RegExp(`^go (?:mod (?:download|verify)|work sync)${flags}$`),
    files: /(?:^|\/)go\.(?:mod|sum|work|work\.sum)$/,
    locks: null,
  },
  {
    name: 'rust',
    commands: new RegExp(`^cargo fetch${flags}$`),
    files: /(?:^|\/)(?:Cargo\.(?:toml|lock)|\.cargo\/config(?:\.toml)?)$/,
    locks: /^Cargo\.lock$/,
  },
  {
    name: 'dotnet',
    commands: new RegExp(String.raw`^dotnet restore(?:\s+[\w./-]+)?${flags}$`),
    files:
      /\.(?:csproj|fsproj|vbproj|sln|slnx|props|targets)$|(?:^|\/)(?:packages\.lock\.json|nuget\.config|global\.json)$/i,
    locks: /^packages\.lock\.json$/,
  },
];

export const worlds: readonly World[] = [javascript, python, ...others];

/** The name of the world that a simple command belongs to, or null. */
export function worldOf(part: string): string | null {
  return worlds.find(({ commands }) => commands.test(part))?.name ?? null;
}
