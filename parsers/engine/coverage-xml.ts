import type { XmlElement } from '../define.ts';
import { xmlReader } from './xml-reader.ts';

/**
 * Reads one XML document in any pieces. `element` gets each of `units` when it ends, and the root last, as `XmlEvents`
 * say. A document that declares entities is refused before anything of it is believed.
 */
export function coverageXml(
  units: readonly string[],
  element: (element: XmlElement, parents: readonly XmlElement[]) => void,
) {
  let head = '';
  let problem: string | null = null;
  let done = false;
  const reader = xmlReader({ root: () => new Set(units), element });
  return {
    write(text: string): void {
      if (problem !== null || done) return;
      if (head.length < 65_536) {
        head += text.slice(0, 65_536);
        if (/<!ENTITY\s/i.test(head)) {
          problem = 'declares entities, which no report needs';
          return;
        }
      }
      const { state } = reader.write(text);
      if (state === 'broken') problem = 'is nested deeper than any report';
      done = state === 'done';
    },
    end: (): string | null => problem ?? (done ? null : 'is cut off'),
  };
}
