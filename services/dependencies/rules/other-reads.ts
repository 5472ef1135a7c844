import { posix } from 'node:path';
import { type Facts, folderOf, hidden, isMember, nameOf, textsOf } from './world.ts';

/** Whether all folders that manifests name hold a manifest that counts. */
function allCount({ near, text }: Facts, names: RegExp, foldersOf: (text: string) => string[], inner: string): boolean {
  const counted = new Set(near);
  return near
    .filter((path) => names.test(nameOf(path)))
    .every((path) =>
      foldersOf(text(path)).every(
        (folder) =>
          !folder.startsWith('/') && counted.has(posix.join(folderOf(path), folder, inner).replace(/^\.\//, '')),
      ),
    );
}

const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, one = '']) => one);

export function goReads(facts: Facts): string | undefined {
  const replaced = (text: string) => matches(text, /=>\s*["`]?((?:\.|\/)[^\s"`]*)/g);
  const usedIn = (text: string) =>
    matches(text, /(?:^|\n)\s*(?:use\s+)?\(?\s*["`]?(\.\.?(?:\/[^\s"`)]*)?|\/(?!\/)[^\s"`)]*)["`]?(?=\s|$)/g);
  const fine =
    allCount(facts, /^go\.(?:mod|work)$/, replaced, 'go.mod') && allCount(facts, /^go\.work$/, usedIn, 'go.mod');
  return fine ? undefined : 'a go.mod or go.work names a folder outside the subproject';
}

export function cargoReads(facts: Facts): string | undefined {
  const foldersOf = (text: string) =>
    matches(text, /\b(?:path|workspace)["']?\s*=\s*["']([^"']*)["']/g).filter((path) => !path.endsWith('.rs'));
  if (!allCount(facts, /^Cargo\.toml$/, foldersOf, 'Cargo.toml'))
    return 'a Cargo.toml names a folder outside the subproject';
  if (textsOf(facts, /^Cargo\.toml$/).some((one) => /["']\.\.\/?[^"']*["']\s*[,\]]|\bfile:/.test(one)))
    return 'a Cargo.toml names a folder outside the subproject';
  if (textsOf(facts, /^Cargo\.toml$/).some((one) => hidden.test(one))) return 'a Cargo.toml spells names by escapes';
  if (isMember(facts, /^Cargo\.toml$/, /\[workspace/)) return 'it belongs to a workspace above it';
  const settings = textsOf(facts, /^config(?:\.toml)?$/);
  return settings.some((one) => /^\s*(?:paths|directory|local-registry|include)\s*=|\bfile:/m.test(one))
    ? 'the settings of Cargo name a folder'
    : undefined;
}

const gemLine =
  /^(?:source ?\(?['"]https?:[^'"#]*['"]\)?(?: do)?|(?:group|platforms?)\b[\w\s:,'"()]* do|end|ruby ['"][\w.~<>= ]*['"]|gem ['"][\w.-]+['"][\w\s'",:=>[\]~<.!%/-]*)$/;

/** A Gemfile is code: lines that say no more than a list does are understood. */
export function gemReads(facts: Facts): string | undefined {
  if (textsOf(facts, /\.gemspec$/).length > 0) return 'a gemspec may read anything';
  if (facts.parts.some((part) => /^bundle config\b.*(?:local\.|gemfile)/i.test(part)))
    return 'the settings of Bundler name a folder';
  if (textsOf(facts, /^config$/).some((one) => /BUNDLE_(?:GEMFILE|LOCAL__)/.test(one)))
    return 'the settings of Bundler name a folder';
  if (
    textsOf(facts, /^(?:Gemfile\.lock|gems\.locked)$/).some((one) =>
      /^PATH$|^\s*remote: (?!https?:|git@|ssh:)/m.test(one),
    )
  )
    return 'a Gemfile names a folder as a package';
  const lines = textsOf(facts, /^(?:Gemfile|gems\.rb)$/).flatMap((one) =>
    one
      .replaceAll(/(?:^|[ \t])#.*$/gm, '')
      .replaceAll(/,\s*\n\s*/g, ', ')
      .split('\n')
      .map((line) => line.trim()),
  );
  const isPlain = (line: string) =>
    line === '' || (gemLine.test(line) && !/\bpath\b|\bglob\b|\bgit['"]?\s*(?::|=>)\s*['"](?!https?:)/.test(line));
  return lines.every(isPlain) ? undefined : 'a Gemfile says more than packages and versions';
}

export function composerReads(facts: Facts): string | undefined {
  const { parts } = facts;
  const manifests = textsOf(facts, /^composer\.json$/);
  const locked = textsOf(facts, /^composer\.lock$/);
  if (
    [...manifests, ...locked].some((one) => /"type"\s*:\s*"(?:path|artifact)"/.test(one)) ||
    manifests.some((one) => /"url"\s*:\s*"(?:\.|\\?\/|file:|[\w-]+\/)/.test(one))
  )
    return 'a composer.json names a folder as a package';
  if (manifests.some((one) => hidden.test(one))) return 'a composer.json spells names by escapes';
  if (manifests.some((one) => /merge-plugin|"patches(?:-file)?"/.test(one)))
    return 'a plugin of Composer reads more files';
  const runsScripts = parts.some((part) => part.startsWith('composer') && !part.includes('--no-scripts'));
  if (runsScripts && manifests.some((one) => /"scripts"\s*:/.test(one))) return 'a composer.json has scripts';
  // The map of classes is made from the sources.
  const mapped = /"(?:classmap|files)"\s*:|optimize-autoloader|classmap-authoritative/;
  return manifests.some((one) => mapped.test(one)) || parts.some((part) => /--(?:optimize|classmap)|\s-o\b/.test(part))
    ? 'the autoloader lists the sources'
    : undefined;
}

export function dotnetReads(facts: Facts): string | undefined {
  const projects = textsOf(facts, /\.(?:csproj|fsproj|vbproj|sln|slnx|props|targets)$/i);
  const imports = /<Import\b(?![^>]*\.(?:props|targets)["'])|\$\(\[|<(?:Restore)?(?:Additional)?(?:Project)?Sources>/;
  if (projects.some((one) => imports.test(one))) return 'a project file imports others or computes';
  if (facts.subproject !== '.' && projects.some((one) => /\.\.[\\/]/.test(one)))
    return 'a project file names a folder outside the subproject';
  const feeds = textsOf(facts, /^nuget\.config$/i).flatMap((one) =>
    matches(one, /<add\b[^>]*\bvalue\s*=\s*["']([^"']*)/gi),
  );
  return feeds.some((feed) => /[\\/]|^\./.test(feed) && !/^https?:/.test(feed))
    ? 'a NuGet feed is a folder'
    : undefined;
}
