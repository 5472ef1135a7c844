/** How far a replay is: `seq` of `target` events in the `pass`-th of `passes`. */
export type ReplayPlace = {
  readonly seq: number;
  readonly target: number;
  readonly pass: number;
  readonly passes: number;
};

/** `done` is from 0 to 1 over all passes; the time that is left is null while nothing is known of the rate. */
type ReplayRate = { readonly done: number; readonly perSec: number; readonly etaSecs: number | null };

/** What the events of `elapsedMs` say about the rest. */
export function replayRate({ seq, target, pass, passes }: ReplayPlace, elapsedMs: number): ReplayRate {
  const total = Math.max(1, target * passes);
  const replayed = Math.min(total, target * (pass - 1) + seq);
  const perSec = elapsedMs > 0 ? (replayed * 1000) / elapsedMs : 0;
  const left = total - replayed;
  return {
    done: replayed / total,
    perSec: Math.round(perSec),
    etaSecs: perSec > 0 ? Math.ceil(left / perSec) : null,
  };
}

const cells = 24;

/** One line: a bar, how much is done, how fast, and how long it still takes. */
export function replayLine(place: ReplayPlace, elapsedMs: number): string {
  const { done, perSec, etaSecs } = replayRate(place, elapsedMs);
  const full = Math.floor(done * cells);
  const bar = `[${'#'.repeat(full)}${'.'.repeat(cells - full)}]`;
  const pass = place.passes > 1 ? `, replay ${place.pass} of ${place.passes}` : '';
  const left = etaSecs === null ? '' : `, ${etaSecs} s left`;
  return `${bar} ${String(Math.floor(done * 100)).padStart(3)} %  ${place.seq} of ${place.target} events${pass}, ${perSec}/s${left}`;
}
