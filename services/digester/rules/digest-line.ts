/** `alarm`: somebody has to act; `good`: something got better. */
export type Tone = 'alarm' | 'warn' | 'good' | 'plain';

/** One thing that is said: in short what it is, what it says, more of it, and where it is. All of it one line, and safe to show. */
export type Line = {
  readonly tone: Tone;
  readonly label: string;
  readonly text: string;
  readonly detail: string | null;
  readonly url: string | null;
  /** Where it is on the farm, for a farm that has an address. */
  readonly path?: string;
};
