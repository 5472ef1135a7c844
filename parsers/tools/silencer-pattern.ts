import type { Silencer } from './define.ts';

// White space is bounded everywhere: two unbounded runs beside each other take time by the square of their length.
const leader = '^(?:#{1,9}|\\/{2,9}|\\/\\*{1,9}|--|<!--|;{1,9}|%{1,9}|\\{-)[\\s*!]{0,40}';

function spaced(words: string): string {
  return words.replaceAll(' ', '\\s{0,20}');
}

/** Finds a silencer (flags g and i) in a comment or a text, by its `where`. */
export function silencerPattern({ where, words }: Silencer): RegExp {
  return new RegExp((where === 'comment' ? leader : '') + spaced(words), 'gi');
}

/** Finds the end of its block, or null where it has none. */
export function endPattern({ end }: Silencer): RegExp | null {
  return end === undefined ? null : new RegExp(spaced(end), 'gi');
}
