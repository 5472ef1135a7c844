import { detached } from './plain-text.ts';

/** A failing test while its words are read; `code` is class and method, `printed` as surefire spelled it. */
export type SurefireTest = {
  code: string;
  printed: string;
  className: string;
  words: string[];
  file: string | null;
  line: number | null;
};

/** `wrongSum(demo.BadTest)` up to 2.x, `demo.BadTest.wrongSum` since 3, with parameters after either, or a class alone. */
export function testOf(printed: string): SurefireTest {
  const old = /^(.{1,300}?)\(([\w$]{1,100}(?:\.[\w$]{1,100}){0,20})\)(?:\[\d{1,6}\])?$/.exec(printed);
  const isOld = old !== null && !(old[1] ?? '').includes('.');
  const name = isOld ? `${old[2]}.${old[1]}` : printed.trim();
  const bare = name.split(/[([{]/)[0] ?? name;
  const className = isOld
    ? (old[2] ?? '')
    : bare.includes('.') && !/\.[A-Z][\w$]*$/.test(bare)
      ? bare.slice(0, bare.lastIndexOf('.'))
      : bare;
  return {
    code: detached(name),
    printed: detached(printed),
    className: detached(className),
    words: [],
    file: null,
    line: null,
  };
}

/** The list at the end names classes without their package, and methods without parameters. */
export function keyOf(className: string, code: string): string {
  const method = code.startsWith(`${className}.`) ? code.slice(className.length + 1) : '';
  return `${className.split('.').at(-1)}.${method.split(/[([{]/)[0]?.trim()}`;
}
