/** Which owners have one of their cues in a line. The result is reused by the next call. */
type CueMatcher = (line: string) => readonly number[];

/** The automaton over the cues of all owners: plain data, that any number of matchers may share. */
export type CueTable = { readonly owners: number; readonly next: Int32Array; readonly found: readonly number[][] };

/**
 * One automaton (Aho-Corasick) over the cues of all owners: a line is walked once, however many owners there are.
 * Cues are ASCII; any other character starts over.
 */
export function cueTable(owners: readonly (readonly string[])[]): CueTable {
  const found: number[][] = [[]];
  /** Where the cues lead, by character. */
  const leads: Map<number, number>[] = [new Map()];
  owners.forEach((cues, owner) => {
    for (const cue of cues) {
      let state = 0;
      for (const char of cue) {
        const code = char.codePointAt(0) ?? 0;
        const target = leads[state]?.get(code) ?? found.length;
        if (target === found.length) {
          leads[state]?.set(code, target);
          leads.push(new Map());
          found.push([]);
        }
        state = target;
      }
      found[state]?.push(owner);
    }
  });
  return { owners: owners.length, next: completed(leads, found), found };
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
function completed(leads: readonly Map<number, number>[], found: number[][]): Int32Array {
  const next = new Int32Array(found.length * 128);
  const fallback = new Int32Array(found.length);
  const queue = [0];
  for (const state of queue) {
    const row = state * 128;
    const other = (fallback[state] ?? 0) * 128;
    if (state !== 0) next.copyWithin(row, other, other + 128);
    for (const [char, target] of leads[state] ?? []) {
      const behind = Math.abs(next[row + char] ?? 0);
      fallback[target] = behind;
      const more = found[behind] ?? [];
      if (more.length > 0) found[target] = [...new Set([...(found[target] ?? []), ...more])];
      next[row + char] = (found[target]?.length ?? 0) > 0 ? -target : target;
      queue.push(target);
    }
  }
  return next;
}
