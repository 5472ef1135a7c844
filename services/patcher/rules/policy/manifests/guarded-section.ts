import type { Objection, Rule } from '../define.ts';
import { baseName, type ReadFile, type Side } from '../reading/patch-reading.ts';
import { type Entry, entriesBeside } from './manifest-entry.ts';

/** A build script in which a finding may lie: what it checks stays. */
type Script = { readonly name: RegExp; readonly read: (side: Side) => Entry[] };

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

const scripts: readonly Script[] = [
  {
    name: /^cmakelists\.txt$|\.cmake$/i,
    read: lines(
      /add_test|enable_testing|-W|compile_options|clang_tidy|cppcheck|sanitize|disabled|will_fail|gtest_discover|_flags/i,
    ),
  },
  {
    name: /^(?:gnu)?makefile(?:\.\w{1,20})?$|\.mk$|^justfile$/i,
    read: (side) => targetsOf(side).filter(({ place }) => checks.test(place)),
  },
  {
    name: /^(?:rakefile|taskfile\.ya?ml|tasks\.py|setup\.py|gulpfile\.\w{2,3}|gruntfile\.\w{2,3}|magefile\.go|module\.bazel|workspace)$/i,
    read: lines(
      /lint|test|check|cover|audit|strict|warn|fail|skip|ignore|exclude|_requires?\b|bazel_dep|http_archive|^\s*["'][\w.-]+\s*[<>=!~]{1,2}/i,
    ),
  },
];

/** The parts of build scripts that decide how code is judged. */
export const guardedSection: Rule = {
  name: 'guarded_section',
  judge: ({ files }) => files.flatMap(judgeScript),
};

function judgeScript({ file, before, after }: ReadFile): Objection[] {
  const script = scripts.find(({ name }) => name.test(baseName(file.path)));
  if (script === undefined) return [];
  const [old = [], now = []] = [before, after].map((side) => (side === null ? [] : script.read(side)));
  return [...entriesBeside(now, old), ...entriesBeside(old, now)].map(({ place, line }) => ({
    rule: 'farm_configuration',
    path: file.path,
    line,
    why: `${place.slice(0, 100)} is changed: what is built, checked and run is for people to decide`,
  }));
}
