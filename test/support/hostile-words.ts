/** Numbers that look like chance and are the same in every run. */
export function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state % below;
  };
}

const bricks =
  '{a,b} {1..100000} {,} ** * ? [a-z] [!a] [ ] { } , / // ./ ../ a aa b . .. *a* **/ (a|a)* (a+)+ .* ^ $ \\ \\d+ @(a|b) +(a) !(x) ~ - 0 9 59 */1 1-31 1,2 L W # @ @* @@ <a@b> ; : % %s %2e $x {{x}} <%= é \u202e \u0000 \n \t 31 2 * FRI 0-59/7 255.255.255.255 ::ffff:0:0 /0 /33 http:// *.x .x x. -x refs/heads/ .lock'.split(
    ' ',
  );

/** A text that is made to cost whoever reads it: bricks of many little languages, repeated and nested. */
export function hostileWord(pick: (below: number) => number, longest: number): string {
  const brick = () => bricks[pick(bricks.length)] ?? 'a';
  const kinds = [
    () => brick().repeat(1 + pick(longest)),
    () => (brick() + brick()).repeat(1 + pick(longest)),
    () => Array.from({ length: 1 + pick(40) }, brick).join(''),
    () => Array.from({ length: 1 + pick(40) }, brick).join('/'),
    () => Array.from({ length: 1 + pick(6) }, brick).join(' '),
    () => '{a,'.repeat(1 + pick(60)) + brick() + '}'.repeat(pick(60)),
    () => `${'a'.repeat(1 + pick(longest))}!`,
    () => `${brick()}${' '.repeat(pick(longest))}${brick()}`,
  ];
  return (kinds[pick(kinds.length)]?.() ?? '').slice(0, 1 + pick(longest));
}
