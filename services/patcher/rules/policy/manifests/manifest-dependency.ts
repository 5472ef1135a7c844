import type { Objection, Rule } from '../define.ts';
import { baseName, type ReadFile, type Side } from '../reading/patch-reading.ts';
import { type Entry, entriesBeside, membersOf, settingsOf } from './manifest-entry.ts';

const json = /^(?:package|composer)\.json$/i;
const ini = /^(?:pyproject\.toml|setup\.cfg|pipfile|cargo\.toml)$/i;
/** Where those say what a project takes from others. */
const places =
  /^(?:\w*[dD]ependenc\w*|require(?:-dev)?|overrides|resolutions|pnpm|packages|dev-packages)(?:\.|$)|dependenc|_requires?$|extras_require/;
const elsewhere =
  /git\+|git@|https?:|file:|ssh:|-index-url|--trusted|\breplace\b|\b(?:git|github|path|registry|source)\b\s*[=:]|":\s*"(?:npm:|link:|[\w.-]+\/[\w.-]+(?:#|"))/i;

/** A bump changes what a project takes from others, and from where it took it. Other methods keep away from manifests, by their role. */
export const manifestDependency: Rule = {
  name: 'manifest_dependency',
  judge: ({ files, owned }) => files.filter(({ file }) => owned.has(file.path)).flatMap(judgeOne),
};

function judgeOne({ file: { path }, before, after, added }: ReadFile): Objection[] {
  const name = baseName(path);
  const read = json.test(name) ? ({ text }: Side) => membersOf(text) : ini.test(name) ? iniOf : null;
  if (read === null && !/^(?:[\w.-]+\.(?:txt|in)|go\.mod|gemfile)$/i.test(name)) return [];
  const object = (rule: string, line: number | null, why: string): Objection => ({ rule, path, line, why });
  const far = added
    .filter(({ text }) => elsewhere.test(text))
    .map(({ text, at }) =>
      object(
        'dependency_changed',
        at,
        `"${text.slice(0, 100)}" comes from another place: a bump keeps to the registry`,
      ),
    );
  if (read === null) return far;
  const [old, now] = [before, after].map((side) => (side === null ? [] : read(side)));
  if (now == null) return [object('tool_configuration', null, 'the manifest can no longer be read')];
  // What could not be read before cannot be compared: all of the new one counts.
  const other = [...entriesBeside(now, old ?? []), ...entriesBeside(old ?? [], now)].filter(
    ({ place }) => !places.test(place),
  );
  return [
    ...far,
    ...other.map(({ place, line }) =>
      object('tool_configuration', line, `${place.slice(0, 100)} is changed: a bump changes dependencies alone`),
    ),
  ];
}

const iniOf = ({ lines }: Side): Entry[] => settingsOf(lines);
