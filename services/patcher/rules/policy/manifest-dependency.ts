import type { Objection, Rule } from './define.ts';
import { type Entry, entriesBeside, membersOf, settingsOf } from './manifest-entry.ts';
import { baseName, type ReadFile, type Reading, type Side } from './patch-reading.ts';

type Manifest = { readonly name: RegExp; readonly read: (side: Side) => Entry[] };

const json = (places: RegExp) => (side: Side) => (membersOf(side.text) ?? []).filter(({ place }) => places.test(place));
const ini = (places: RegExp) => (side: Side) => settingsOf(side.lines).filter(({ place }) => places.test(place));
const each = (pattern: RegExp) => (side: Side) =>
  side.lines.flatMap((raw, index) => {
    const line = raw
      .slice(0, 2000)
      .replace(/\s(?:#|\/\/).*$/, '')
      .trim();
    if (!pattern.test(line)) return [];
    return [{ place: 'dependency', value: line.replace(/'/g, '"').replace(/[\s,]+/g, ''), line: index + 1 }];
  });

/** Where each ecosystem writes down what it takes from others. */
const manifests: readonly Manifest[] = [
  {
    name: /^package\.json$/i,
    read: json(
      /^(?:\w{0,20}[dD]ependencies|dependenciesMeta|peerDependenciesMeta|bundle\w{0,20}|overrides|resolutions|pnpm|packageManager)(?:\.|$)/,
    ),
  },
  { name: /^composer\.json$/i, read: json(/^(?:require|require-dev|repositories|replace|provide|conflict)(?:\.|$)/) },
  { name: /^(?:deno|jsr|vcpkg|import_map)\.jsonc?$/i, read: json(/^(?:imports|dependencies|scopes)(?:\.|$)/) },
  {
    name: /^(?:pyproject|pipfile)(?:\.toml)?$/i,
    read: ini(
      /dependenc|^build-system\.requires|^packages|^dev-packages|^source|tool\.uv\.(?:sources|index)|tool\.poetry\.source/,
    ),
  },
  { name: /^setup\.cfg$/i, read: ini(/^options\.(?:\w{0,20}_requires?|extras_require)/) },
  { name: /^setup\.py$/i, read: each(/_requires?\b|^["'][\w.-]{1,80}(?:\[[\w,]{1,80}\])?\s{0,9}[<>=!~]{1,2}/) },
  { name: /^(?:requirements|constraints)[\w.-]{0,60}\.(?:txt|in)$/i, read: each(/^[^#\s]/) },
  { name: /^environment[\w.-]{0,20}\.ya?ml$/i, read: each(/^-\s/) },
  { name: /^cargo\.toml$/i, read: ini(/dependencies|^patch|^replace/) },
  { name: /^[\w.-]{1,40}\.versions\.toml$/i, read: ini(/./) },
  { name: /^go\.(?:mod|work)$/i, read: each(/^(?!module\b|go\s|\/\/)[^()]/) },
  { name: /^gemfile$|\.gemspec$/i, read: each(/^(?:gem|source|git_source|path|github)\b|add_\w{0,20}dependency/) },
  {
    name: /\.(?:cs|fs|vb)proj$|\.props$|^packages\.config$|^nuget\.config$/i,
    read: each(/<(?:PackageReference|PackageVersion|package|add)\b|<Version>/i),
  },
  {
    name: /^pom\.xml$/i,
    read: each(
      /^<(?:\/?dependency|\/?plugin|\/?parent|groupId|artifactId|version|scope|\/?repository|url|[\w.-]{1,60}\.version)\b/,
    ),
  },
  {
    name: /\.gradle(?:\.kts)?$/i,
    read: each(
      /^(?:\w{0,40}(?:mplementation|api|Only|compile|classpath|kapt|ksp|Processor|platform)\b.{0,4}["'(]|id\b|maven\b|url\b|kotlin\(|alias\()/,
    ),
  },
  { name: /^package\.swift$/i, read: each(/\.(?:package|product)\(|^dependencies\b/) },
  { name: /^(?:podfile|cartfile)$/i, read: each(/^(?:pod|github|git|binary|source)\b/) },
  { name: /^mix\.exs$/i, read: each(/^\{\s{0,9}:\w/) },
  { name: /^pubspec\.yaml$/i, read: each(/^[\w-]{1,80}:\s{0,9}(?:["'^~>=<\d]|any\b)/) },
  {
    name: /^(?:build\.sbt|module\.bazel|workspace|conanfile\.(?:txt|py)|rebar\.config|[\w.-]{1,80}\.cabal)$/i,
    read: each(/%%?|bazel_dep|http_archive|requires|\{deps|build-depends/),
  },
];

/** What a project takes from others changes only by a bump. */
export const manifestDependency: Rule = {
  name: 'manifest_dependency',
  judge: (patch) => patch.files.flatMap((file) => judgeManifest(file, patch)),
};

function judgeManifest({ file, before, after }: ReadFile, { owned }: Reading): Objection[] {
  const manifest = manifests.find(
    ({ name }) => name.test(baseName(file.path)) || name.test(baseName(file.oldPath ?? '')),
  );
  if (manifest === undefined) return [];
  const old = before === null ? [] : manifest.read(before);
  const now = after === null ? [] : manifest.read(after);
  const fresh = entriesBeside(now, old);
  const { path } = file;
  if (owned.has(path))
    return fresh
      .filter(({ value }) => /git\+|https?:|file:|ssh:|-index-url|--trusted|\breplace\b/i.test(value))
      .map(({ line, place }) => ({
        rule: 'dependency_changed',
        path,
        line,
        why: `${place} comes from another place: a bump keeps to the registry`,
      }));
  return [...fresh, ...entriesBeside(old, now)].map(({ line, place }) => ({
    rule: 'dependency_changed',
    path,
    line,
    why: `${place.slice(0, 100)} is changed: what a project takes from others is not for this method to change`,
  }));
}
