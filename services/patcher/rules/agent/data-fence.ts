import { createHash } from 'node:crypto';

/**
 * Fences around text that others wrote. The mark is a hash of all of it and stands nowhere in it: nobody who writes
 * a part can know it beforehand.
 */
export type DataFence = { readonly mark: string; around(title: string, text: string): string };

export function dataFence(texts: readonly string[]): DataFence {
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
  let mark = `data-${hash.slice(0, 20)}`;
  for (let turn = 1; texts.some((text) => text.includes(mark)); turn += 1)
    mark = `data-${createHash('sha256').update(`${hash} ${turn}`).digest('hex').slice(0, 20)}`;
  return {
    mark,
    around: (title, text) => `<${mark} ${title}>\n${text}${text.endsWith('\n') ? '' : '\n'}</${mark}>\n`,
  };
}
