import { c } from '../rule-names/c-rules.ts';
import type { RuleName, RuleNames } from '../rule-names/define.ts';
import { go } from '../rule-names/go-rules.ts';
import { javascript } from '../rule-names/javascript-rules.ts';
import { kotlin } from '../rule-names/kotlin-rules.ts';
import { python } from '../rule-names/python-rules.ts';

/** Rules of several tools that say one thing about one line, by the pages on which the tools name each other's. */
const classes: readonly RuleNames[] = [...c, ...go, ...javascript, ...kotlin, ...python];

/** Tools that name what they share alike: the warnings of gcc and clang, the lints of rustc that clippy tells too. */
const alike: readonly (readonly string[])[] = [
  ['flake8', 'ruff', 'pyflakes', 'pycodestyle'],
  ['gcc', 'clang'],
  ['rustc', 'clippy'],
  ['golangci-lint', 'staticcheck', 'gosec'],
  ['shellcheck', 'hadolint', 'actionlint'],
];

/** A tool that puts the names of another into a form of its own; `$1` is what both share. */
type Form = readonly [tool: string, name: RegExp, as: string];

const forms: readonly (readonly [Form, Form])[] = [
  // https://docs.astral.sh/ruff/rules/#pylint-pl and https://docs.astral.sh/ruff/rules/#flake8-bandit-s
  [
    ['ruff', /^PL([CERW]\d{4})$/, 'PL$1'],
    ['pylint', /^([CERW]\d{4})$/, '$1'],
  ],
  [
    ['ruff', /^S(\d{3})$/, 'S$1'],
    ['bandit', /^B(\d{3})$/, 'B$1'],
  ],
  // https://oxc.rs/docs/guide/usage/linter/rules.html
  [
    ['oxlint', /^eslint\(([a-z-]+)\)$/, 'eslint($1)'],
    ['eslint', /^([a-z-]+)$/, '$1'],
  ],
  [
    ['oxlint', /^@?typescript-eslint\(([a-z-]+)\)$/, 'typescript-eslint($1)'],
    ['eslint', /^@typescript-eslint\/([a-z-]+)$/, '@typescript-eslint/$1'],
  ],
  [
    ['oxlint', /^eslint-plugin-react\(([a-z-]+)\)$/, 'eslint-plugin-react($1)'],
    ['eslint', /^react\/([a-z-]+)$/, 'react/$1'],
  ],
  // https://clang.llvm.org/extra/clang-tidy/#using-clang-tidy
  [
    ['clang-tidy', /^clang-diagnostic-([a-z][\w+=-]*)$/, 'clang-diagnostic-$1'],
    ['clang', /^-W([a-z][\w+=-]*)$/, '-W$1'],
  ],
];

const byName = new Map<string, RuleName[]>();
for (const names of classes)
  for (const [tool, code] of names) {
    const key = `${tool}\n${code}`;
    byName.set(key, [...(byName.get(key) ?? []), ...names.filter((one) => one[0] !== tool)]);
  }

/** What other tools call a rule. */
export function sameRules(tool: string, code: string): readonly RuleName[] {
  if (code.length > 200) return [];
  const found = new Map<string, RuleName>();
  const spelt = spellings([tool, code]);
  const named = spelt.flatMap(([name, own]) => byName.get(`${name}\n${own}`) ?? []);
  for (const one of [...named.flatMap(spellings), ...spelt])
    if (one[0] !== tool) found.set(`${one[0]}\n${one[1]}`, one);
  return [...found.values()];
}

/** A name and how tools that share it write it. */
function spellings([tool, code]: RuleName): RuleName[] {
  const peers = ([name, own]: RuleName): RuleName[] => {
    const others = alike.filter((tools) => tools.includes(name)).flat();
    return others.flatMap((one): RuleName[] => (one === name ? [] : [[one, own]]));
  };
  const formed = ([name, own]: RuleName): RuleName[] =>
    forms.flatMap(([one, other]) => {
      const [from, to] = name === one[0] ? [one, other] : [other, one];
      const isTheirs = name === from[0] && from[1].test(own);
      return isTheirs ? [[to[0], own.replace(from[1], to[2])] satisfies RuleName] : [];
    });
  const own: RuleName[] = [[tool, code], ...peers([tool, code])];
  const more = own.flatMap(formed);
  return [...own, ...more, ...more.flatMap(peers)];
}
