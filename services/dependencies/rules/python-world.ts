import { pipFiles, pipWords } from './pip-files.ts';
import { type Facts, folderOf, hidden, isMember, type Named, nameOf, textsOf, type World } from './world.ts';

const flags = String.raw`(?:\s+--?[\w-]+(?:[= ](?:"[^"]*"|'[^']*'|[\w./@:,-]+))?)*`;
const word = String.raw`(?:"[^"]*"|'[^']*'|[^\s'"]+)`;
const pip = String.raw`(?:\S*python[\d.]*\s+-m\s+pip|\S*pip[\d.]*|uv\s+pip)\s+install(?:\s+${word})+`;
const isPip = /\bpip[\d.]*\s+install\b/;
const sources =
  /\.(?:c|cc|cpp|cxx|h|hpp|pyx|pxd|rs|f|f90|go|cu|i|swg)$|(?:^|\/)(?:CMakeLists\.txt|meson\.build|Cargo\.toml)$/;
const manifest = /^(?:pyproject\.toml|setup\.(?:py|cfg))$/;
const scm = /setuptools[_-]scm|hatch-vcs|versioneer|versioningit|\bpbr\b|dunamai|dynamic-versioning|setuptools-git/;
const backends =
  /^(?:setuptools\.build_meta|hatchling\.build|flit_core\.buildapi|poetry\.core\.masonry\.api|pdm\.backend|uv_build)$/;
const local = /\bpath["']?\s*=\s*["']|\b(?:file|directory)["']?\s*=|\bfile:|workspace\s*=\s*["']\.\./;
const lockedLocal =
  /\b(?:path|directory)\s*=\s*"|type\s*=\s*"(?:directory|file)"|editable\s*=\s*"\.\.|"path"\s*:|file:/;

const buildsItself = (part: string) =>
  /^(?:uv\s+sync|poetry|pdm)\b/.test(part) && !/--no-install-project|--no-root|--no-self/.test(part);

/** Whether a plain editable build of the project follows from its manifests alone. */
function ownBuild(facts: Facts, everywhere: boolean): string | undefined {
  const { near, text, subproject } = facts;
  const own = near.filter((path) => manifest.test(nameOf(path)) && (everywhere || folderOf(path) === subproject));
  const manifests = own.map(text).join('\n');
  if (scm.test(manifests)) return 'the version of the package is that of the commit';
  if (near.some((path) => sources.test(path))) return 'it may compile sources of the package';
  const isCode = (path: string) =>
    nameOf(path) === 'setup.py' && !/^\s*from setuptools import setup\s+setup\(\)\s*$/.test(text(path));
  if (own.some(isCode)) return 'its setup.py may read anything';
  const backend = /build-backend\s*=\s*["']([^"']*)["']/.exec(manifests)?.[1];
  const isStrange = backend !== undefined && !backends.test(backend);
  const dynamic =
    /\bdynamic["']?\s*=|\b(?:attr|file)\s*:|\bbackend-path\b|\[(?:tool\.hatch\.[\w.-]*hooks|tool\.poetry\.build|tool\.pdm\.(?:build|version))|^\s*build\s*=|cmdclass|setup_hooks|ext[-_]modules|mypyc|cython/im;
  return isStrange || dynamic.test(manifests) || hidden.test(manifests)
    ? 'the metadata of the package is not static'
    : undefined;
}

function more(facts: Facts): string | undefined {
  const tools = facts.parts.filter((part) => /^(?:uv\s+(?:sync|pip)|poetry|pdm|pipenv)\b/.test(part));
  if (tools.length > 0) {
    if (textsOf(facts, /^(?:pyproject\.toml|Pipfile|uv\.toml)$/).some((one) => local.test(one) || hidden.test(one)))
      return 'a manifest names a file or folder as a package';
    if (textsOf(facts, /^(?:uv|poetry|pdm|Pipfile)\.lock$/).some((one) => lockedLocal.test(one)))
      return 'a lock file names a file or folder as a package';
    if (isMember(facts, /^pyproject\.toml$/, /tool\.uv/)) return 'it belongs to a workspace above it';
  }
  const own = facts.parts.find(buildsItself);
  return own === undefined ? undefined : ownBuild(facts, own.startsWith('uv'));
}

function named(facts: Facts): Named {
  const starts: string[] = [];
  for (const part of facts.parts.filter((one) => isPip.test(one))) {
    const looked = pipWords(part, facts.subproject);
    if ('why' in looked) return looked;
    const why = looked.editable ? ownBuild(facts, false) : undefined;
    if (why !== undefined) return { why };
    starts.push(...looked.starts);
  }
  return pipFiles(starts, facts);
}

/** Whether what is installed leads into the sources of the project. */
export function leadsToSources(parts: readonly string[]): boolean {
  return parts.some((part) => buildsItself(part) || /\s(?:-e|--editable)/.test(part));
}

export const python: World = {
  name: 'python',
  commands: new RegExp(
    String.raw`^(?:\S*python[\d.]*\s+-m\s+venv${flags}(?:\s+[\w./-]+)?|virtualenv${flags}(?:\s+[\w./-]+)?|uv\s+venv${flags}(?:\s+[\w./-]+)?|${pip}|uv\s+sync${flags}|poetry\s+(?:install|sync)${flags}|pdm\s+(?:install|sync)${flags}|pipenv\s+(?:install|sync)${flags})$`,
  ),
  files:
    /(?:^|\/)(?:pyproject\.toml|setup\.py|setup\.cfg|MANIFEST\.in|Pipfile(?:\.lock)?|poetry\.(?:lock|toml)|uv\.(?:lock|toml)|pdm\.(?:lock|toml)|pylock[\w.-]*\.toml|pip\.conf|hatch\.toml)$/,
  anywhere: /(?:^|\/)(?:requirements|constraints)[^/]*\.(?:txt|in)$|(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/,
  locks: /^(?:uv\.lock|poetry\.lock|pdm\.lock|Pipfile\.lock)$/,
  floats: /\bpip[\d.]*\s+install\b(?!.*--require-hashes)/,
  more,
  named,
};
