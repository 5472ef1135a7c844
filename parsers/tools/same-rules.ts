import { c } from '../rule-names/c-rules.ts';
import type { RuleName, RuleNames } from '../rule-names/define.ts';
import { go } from '../rule-names/go-rules.ts';
import { javascript } from '../rule-names/javascript-rules.ts';
import { kotlin } from '../rule-names/kotlin-rules.ts';
import { python } from '../rule-names/python-rules.ts';
import { tools } from './registry.ts';

/** Rules of several tools that say one thing about one line, by the pages on which the tools name each other's. */
const classes: readonly RuleNames[] = [...c, ...go, ...javascript, ...kotlin, ...python];

/** Tools that name what they share alike, such as gcc and clang their warnings. */
const alike = tools.flatMap(({ name, sharesRules }) => (sharesRules === undefined ? [] : [[name, ...sharesRules]]));

/** Forms in which two tools name a rule, both ways. */
const forms = tools.flatMap(({ name, respells = [] }) =>
  respells.flatMap(({ own, ownAs, of, theirs, theirsAs }) => [
    { tool: name, name: own, other: of, as: theirsAs },
    { tool: of, name: theirs, other: name, as: ownAs },
  ]),
);

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
    forms
      .filter((one) => one.tool === name && one.name.test(own))
      .map((one): RuleName => [one.other, own.replace(one.name, one.as)]);
  const own: RuleName[] = [[tool, code], ...peers([tool, code])];
  const more = own.flatMap(formed);
  return [...own, ...more, ...more.flatMap(peers)];
}
