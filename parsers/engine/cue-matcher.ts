/** Which owners have one of their cues in a line. The result is reused by the next call. */
export type CueMatcher = (line: string) => readonly number[];

/** The automaton over the cues of all owners: plain data, that any number of matchers may share. */
export type CueTable = { readonly owners: number; readonly next: Int32Array; readonly found: readonly number[][] };

/**
 * One automaton (Aho-Corasick) over the cues of all owners: a line is walked once, however many owners there are.
 * Cues are ASCII; any other character starts over.
 */
export function cueTable(owners: readonly (readonly string[])[]): CueTable {
  const next: number[] = new Array(128).fill(-1);
  const found: number[][] = [[]];
  owners.forEach((cues, owner) => {
    for (const cue of cues) {
      let state = 0;
      for (const char of cue) {
        const slot = state * 128 + (char.codePointAt(0) ?? 0);
        if (next[slot] === -1) {
          next[slot] = found.length;
          found.push([]);
          next.push(...new Array<number>(128).fill(-1));
        }
        state = next[slot] ?? 0;
      }
      found[state]?.push(owner);
    }
  });
  return { owners: owners.length, next: completed(next, found), found };
}

/** Walks lines through the automaton. */
export function cueMatcher({ owners, next: table, found }: CueTable): CueMatcher {
  const hits: number[] = [];
  const seen = new Int32Array(owners);
  let round = 0;
  return (line) => {
    hits.length = 0;
    round += 1;
    let state = 0;
    for (let at = 0; at < line.length; at += 1) {
      const char = line.charCodeAt(at);
      state = char < 128 ? (table[state * 128 + char] ?? 0) : 0;
      // A negative entry is a state in which some cue ends.
      if (state >= 0) continue;
      state = -state;
      for (const owner of found[state] ?? []) {
        if (seen[owner] === round) continue;
        seen[owner] = round;
        hits.push(owner);
      }
    }
    return hits;
  };
}

/** Fills in where to go when a cue breaks off, and marks states with cues by their sign. */
function completed(next: number[], found: number[][]): Int32Array {
  const fallback = new Int32Array(found.length);
  const queue = [0];
  for (const state of queue) {
    for (let char = 0; char < 128; char += 1) {
      const slot = state * 128 + char;
      const target = next[slot] ?? -1;
      const other = state === 0 ? 0 : (next[(fallback[state] ?? 0) * 128 + char] ?? 0);
      if (target === -1) next[slot] = other;
      else {
        fallback[target] = other;
        found[target] = [...new Set([...(found[target] ?? []), ...(found[other] ?? [])])];
        queue.push(target);
      }
    }
  }
  return Int32Array.from(next, (state) => ((found[state]?.length ?? 0) > 0 ? -state : state));
}
