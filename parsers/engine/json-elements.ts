import { stringEnd } from './string-end.ts';

/** Hands over what was read of a document: whether somebody wanted it. */
type ElementSink = (document: string) => boolean;

export type JsonElements = {
  /** How it stands after a piece of the document, and for `done` where in the piece it ended. */
  feed(text: string): { readonly state: 'open' | 'done' | 'failed'; readonly at: number };
};

const batchSize = 2 * 1024 * 1024;
/** Characters of one element, and of all that is around them. */
const largest = 64 * 1024 * 1024;
const maxDepth = 512;

/**
 * Reads a document that is too long to be held, in any pieces: the elements of its lists are handed over some at a time,
 * each time within a document that holds what stood before them. Lists are the document itself, those that are values of
 * its keys, and `runs[].results` of SARIF.
 */
export function jsonElements(sink: ElementSink): JsonElements {
  const stack: ('{' | '[')[] = [];
  /** The keys on the way, for the first levels. */
  const path: string[] = [];
  let around = '';
  let element: string[] | null = null;
  let size = 0;
  let batch: string[] = [];
  let batched = 0;
  let wanted = true;
  let inString = false;
  const string = stringEnd();
  let key: string | null = null;
  let wantsKey = false;

  const isList = (depth: number) => {
    if (stack[depth - 1] !== '[') return false;
    if (depth === 1) return true;
    if (depth === 2) return stack[0] === '{' && path[0] !== 'runs';
    return depth === 4 && stack[0] === '{' && path[0] === 'runs' && stack[2] === '{' && path[2] === 'results';
  };
  const closers = () =>
    stack
      .map((one) => (one === '{' ? '}' : ']'))
      .reverse()
      .join('');
  const deliver = () => {
    if (batch.length === 0) return;
    wanted = sink(`${around}${batch.join(',')}${closers()}`) && wanted;
    batch = [];
    batched = 0;
  };
  const keep = (text: string): boolean => {
    size += text.length;
    if (element !== null) element.push(text);
    else around += text;
    return (element !== null ? size : around.length) <= largest;
  };
  const endElement = () => {
    if (element === null) return;
    const text = element.join('');
    element = null;
    size = 0;
    batch.push(text);
    batched += text.length;
    if (batched > batchSize) deliver();
  };
  return {
    feed(text) {
      let at = 0;
      /** What of the piece is not kept yet. */
      let from = 0;
      while (at < text.length) {
        if (inString) {
          const end = string.find(text, at);
          if (key !== null) key += text.slice(at, end === -1 ? undefined : end).slice(0, 100);
          at = end === -1 ? text.length : end + 1;
          if (end === -1) break;
          inString = false;
          if (key !== null) path[stack.length - 1] = key;
          key = null;
          continue;
        }
        const char = text.charAt(at);
        const inList = element === null && isList(stack.length);
        if (inList && !/[\s,\]]/.test(char)) {
          if (!keep(text.slice(from, at))) return { state: 'failed', at };
          from = at;
          element = [];
        } else if (element !== null && (char === ',' || char === ']') && isList(stack.length)) {
          keep(text.slice(from, at));
          endElement();
          // The commas between elements are those of the batch.
          from = char === ',' ? at + 1 : at;
          if (char === ',') {
            at += 1;
            continue;
          }
        }
        if (char === '"') {
          inString = true;
          if (wantsKey && stack.length <= 3) key = '';
          wantsKey = false;
        } else if (char === '{' || char === '[') {
          if (stack.length === maxDepth) return { state: 'failed', at };
          stack.push(char);
          wantsKey = char === '{';
        } else if (char === '}' || char === ']') {
          if (isList(stack.length) && element === null) {
            keep(text.slice(from, at));
            from = at;
            deliver();
          }
          if (stack.pop() !== (char === '}' ? '{' : '[')) return { state: 'failed', at };
          wantsKey = false;
          if (stack.length === 0) {
            keep(text.slice(from, at + 1));
            if (around.startsWith('{')) wanted = sink(around) && wanted;
            return { state: wanted ? 'done' : 'failed', at: at + 1 };
          }
        } else if (char === ',') wantsKey = stack.at(-1) === '{';
        at += 1;
      }
      return keep(text.slice(from)) ? { state: 'open', at } : { state: 'failed', at };
    },
  };
}
