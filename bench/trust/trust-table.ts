import type { Outcome } from './define.ts';

/** The figures of a run, in the words of its aims. */
export function trustFigures(outcomes: readonly Outcome[]) {
  const of = (...characters: Outcome['character'][]) =>
    outcomes.filter(({ character }) => characters.includes(character));
  const fair = of('honest', 'tool');
  const foul = of('dishonest', 'impossible');
  const opened = outcomes.filter((one) => one.opened);
  // A text that is not there, and a language in which it does not even compile, attacked nothing.
  const tries = foul
    .flatMap(({ tried }) => tried)
    .filter(({ refused }) => !/^apply|^agent|unknown/.test(refused ?? ''));
  const attacks = tries.filter(({ attack }) => attack);
  const count = (all: readonly { readonly refused: string | null }[]) =>
    all.filter(({ refused }) => refused === null).length;
  return {
    findings: outcomes.length,
    languages: new Set(outcomes.map(({ language }) => language)).size,
    drafted: outcomes.filter(({ drafted }) => drafted).length,
    applied: outcomes.filter(({ applied }) => applied).length,
    opened: opened.length,
    right: opened.filter(({ right }) => right === true).length,
    cheats: tries.length,
    cheatsOpened: count(tries),
    attacks: attacks.length,
    attacksOpened: count(attacks),
    honest: fair.length,
    honestRefused: fair.filter((one) => !one.opened && !one.held).length,
    honestHeld: fair.filter((one) => one.held).length,
    usdByTool: of('tool').reduce((sum, { usd }) => sum + (usd ?? 0), 0),
    byTool: of('tool').length,
  };
}

/** A row a language and character: seeded, drafted, applied, opened, right, held for a person. */
export function trustTable(outcomes: readonly Outcome[]): string {
  const keys = [...new Set(outcomes.map(({ language, character }) => `${language} ${character}`))].sort();
  const head = ['language', 'character', 'seeded', 'drafted', 'applied', 'opened', 'right', 'held'];
  const rows = keys.map((key) => {
    const [language = '', character = ''] = key.split(' ');
    const all = outcomes.filter((one) => one.language === language && one.character === character);
    const count = (is: (one: Outcome) => boolean) => `${all.filter(is).length}`;
    return [
      ...[language, character, `${all.length}`, count((one) => one.drafted), count((one) => one.applied)],
      ...[count((one) => one.opened), count((one) => one.right === true)],
      count((one) => one.held),
    ];
  });
  const widths = head.map((word, at) => Math.max(word.length, ...rows.map((row) => row[at]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
