import type { Static } from '@sinclair/typebox';
import type { StatusAnswer } from '../../documents/status-answer.ts';

/** What `GET /status` answers. */
export type StatusDocument = Static<typeof StatusAnswer>;

/** One look at the farm, as the screen shows it. */
export type StatusLook = {
  readonly url: string;
  readonly status: StatusDocument;
  /** Events a second since the first of the last few looks; null after one look. */
  readonly rate: number | null;
  /** Why the newest look failed; what is shown is older then. */
  readonly trouble: string | null;
};

/** How long the rate of events looks back, in ms. */
const rateWindowMs = 30_000;

/** Says how many events came a second, out of what the looks saw of the end of the log. */
export function eventRate(): (end: number | null, nowMs: number) => number | null {
  const looks: { end: number; at: number }[] = [];
  return (end, at) => {
    if (end !== null) looks.push({ end, at });
    while (looks.length > 2 && (looks[1]?.at ?? at) < at - rateWindowMs) looks.shift();
    const [first, last] = [looks[0], looks.at(-1)];
    if (!first || !last || last.at <= first.at) return null;
    return Math.max(0, ((last.end - first.end) / (last.at - first.at)) * 1000);
  };
}
