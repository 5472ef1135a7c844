import { tools } from '../../../../parsers/tools/registry.ts';
import { inTables, settingsPart } from '../../../../parsers/tools/settings-of.ts';
import type { Objection, Rule } from './define.ts';
import { type Entry, entriesBeside, membersOf, settingsOf } from './manifest-entry.ts';
import { baseName, type ReadFile, type Side } from './patch-reading.ts';

type Manifest = {
  readonly name: RegExp;
  readonly read: (side: Side) => Entry[] | null;
  /** Settings by their place, and the rule that guards them; the first one that fits. */
  readonly places: readonly (readonly [RegExp, rule: string])[];
};

const ini = (side: Side) => settingsOf(side.lines);
const lines = (pattern: RegExp) => (side: Side) =>
  side.codeLines.flatMap((line, index) =>
    pattern.test(line) ? [{ place: 'setting', value: line.trim(), line: index + 1 }] : [],
  );

const target = /^(?!\t)\s{0,20}(\.?[\w./%$(){}-]{1,80}(?: [\w./-]{1,80}){0,9})\s{0,9}::?(?!=)(.*)$/;
const checks =
  /lint|test|check|verify|\bci\b|cover|audit|vet|typecheck|analy[sz]e|static|format|fmt|^all$|strict|valid|error|warn|c(?:xx|pp)?flags|shell|\.ignore|\.silent|\.default/i;

/** The targets and variables of a Makefile, each with its recipe. */
function targetsOf({ lines: all }: Side): Entry[] {
  const entries: { place: string; value: string; line: number }[] = [];
  for (const [index, raw] of all.entries()) {
    const line = raw.slice(0, 2000);
    const last = entries.at(-1);
    if (line.startsWith('\t') && last !== undefined) last.value += `\n${line.trim()}`;
    else if (line.trim() !== '' && !line.startsWith('#')) {
      const [, name, needs] = target.exec(line) ?? [];
      const variable = /^(?:export\s+)?([\w.-]{1,80})\s{0,9}(?:[:?+]{0,2}=)/.exec(line);
      const place = variable?.[1] ?? name ?? 'other';
      if (place !== '.PHONY') entries.push({ place, value: (needs ?? line).trim(), line: index + 1 });
    }
  }
  return entries;
}

const manifests: readonly Manifest[] = [
  {
    name: /^package\.json$/i,
    read: ({ text }) => membersOf(text),
    places: [
      [/^(?:scripts|workspaces|bin|husky|pre-commit|engines|packageManager)(?:\.|$)/, 'farm_configuration'],
      [
        /^(?:eslint\w*|lint-staged|babel|browserslist|biome|ts-node|type|imports|exports|config|tsd|size-limit|remarkConfig|release)(?:\.|$)/,
        'tool_configuration',
      ],
    ],
  },
  { name: /^pnpm-workspace\.yaml$/i, read: ini, places: [] },
  {
    name: /^composer\.json$/i,
    read: ({ text }) => membersOf(text),
    places: [
      [/^scripts(?:\.|$)/, 'farm_configuration'],
      [/^(?:config|extra|autoload|autoload-dev|minimum-stability)(?:\.|$)/, 'tool_configuration'],
    ],
  },
  {
    name: /^pyproject\.toml$/i,
    read: ini,
    places: [
      [/^tool\.(?:poetry|pdm|uv|hatch\.envs\.\w{1,40})\.(?:.{0,60}dependencies|dev-dependencies|group\..{0,60})/, ''],
      [
        /^tool\.(?:poetry|setuptools|flit)\.?(?:metadata|name|version|description|authors|license|readme|keywords|classifiers)?$/,
        '',
      ],
      [/^(?:tool(?:\.|$)|build-system\.(?!requires)|project\.scripts)/, 'tool_configuration'],
    ],
  },
  {
    name: /^setup\.cfg$/i,
    read: ini,
    places: [
      [/^(?:metadata|options)(?:\.|$)/, ''],
      [/./, 'tool_configuration'],
    ],
  },
  {
    name: /^cargo\.toml$/i,
    read: ini,
    places: [
      [/^(?:lints|workspace\.lints|profile|test|bench|lib|bin|example|features|badges)(?:\.|$)/, 'tool_configuration'],
      [
        /^(?:workspace\.(?:exclude|members)|package\.(?:auto\w{1,20}|build|edition|rust-version))$/,
        'tool_configuration',
      ],
    ],
  },
  {
    name: /\.(?:cs|fs|vb)proj$|\.props$|\.targets$/i,
    read: lines(
      /<\/?(?:NoWarn|WarningLevel|TreatWarningsAsErrors|WarningsNotAsErrors|WarningsAsErrors|Nullable|AnalysisLevel|AnalysisMode|EnableNETAnalyzers|RunAnalyzers\w{0,20}|EnforceCodeStyleInBuild|CodeAnalysis\w{0,30}|NuGetAudit\w{0,20}|Compile\s{1,9}Remove|IsTestProject|Threshold|Exclude\w{0,20}|DefineConstants|NoStdLib|SonarQube\w{0,20})/i,
    ),
    places: [[/./, 'tool_configuration']],
  },
  {
    name: /^pom\.xml$|\.gradle(?:\.kts)?$/i,
    read: lines(
      /skip|exclude|fail|ignore|suppress|checkstyle|detekt|ktlint|spotbugs|pmd|jacoco|minimum|lint|surefire|warning|baseline|Xlint|Werror/i,
    ),
    places: [[/./, 'tool_configuration']],
  },
  {
    name: /^cmakelists\.txt$|\.cmake$/i,
    read: lines(
      /add_test|enable_testing|-W|compile_options|clang_tidy|cppcheck|sanitize|disabled|will_fail|gtest_discover|_flags/i,
    ),
    places: [[/./, 'tool_configuration']],
  },
  {
    name: /^(?:gnu)?makefile(?:\.\w{1,20})?$|\.mk$|^justfile$/i,
    read: targetsOf,
    places: [[checks, 'farm_configuration']],
  },
  {
    name: /^(?:rakefile|taskfile\.ya?ml|tasks\.py|setup\.py|gulpfile\.\w{2,3}|gruntfile\.\w{2,3}|build\.(?:sbt|xml|zig|rs)|magefile\.go)$/i,
    read: lines(/lint|test|check|cover|audit|strict|warn|fail|skip|ignore|exclude/i),
    places: [[/./, 'farm_configuration']],
  },
];

const reasons: Readonly<Record<string, string>> = {
  farm_configuration: 'what is built, checked and run is for people to decide',
  tool_configuration: 'a finding is mended in the code, not in the settings of a tool',
};

/** The sections of manifests that decide how code is judged. */
export const guardedSection: Rule = {
  name: 'guarded_section',
  judge: ({ files }) => files.flatMap(judgeManifest),
};

/** The tables that tools have in a file which others share. */
function ownTables(path: string): string[] {
  return tools.flatMap((tool) => {
    const part = settingsPart(tool, path);
    return part !== null && typeof part === 'object' ? part.tables : [];
  });
}

function judgeManifest({ file, before, after }: ReadFile): Objection[] {
  const manifest = manifests.find(
    ({ name }) => name.test(baseName(file.path)) || name.test(baseName(file.oldPath ?? '')),
  );
  if (manifest === undefined) return [];
  const old = before === null ? [] : manifest.read(before);
  const now = after === null ? [] : manifest.read(after);
  if (now === null)
    return [{ rule: 'tool_configuration', path: file.path, line: null, why: 'the manifest can no longer be read' }];
  // What could not be read before cannot be compared: all of the new one counts.
  const changes = [...entriesBeside(now, old ?? []), ...entriesBeside(old ?? [], now)];
  return changes.flatMap(({ place, line }) => {
    const general = manifest.places.find(([pattern]) => pattern.test(place))?.[1];
    const rule = general ?? (inTables(place, ownTables(file.path)) ? 'tool_configuration' : '');
    if (rule === '') return [];
    return [{ rule, path: file.path, line, why: `${place.slice(0, 100)} is changed: ${reasons[rule] ?? ''}` }];
  });
}
