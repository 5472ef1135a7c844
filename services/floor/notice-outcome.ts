/** What came of a delivery. `lasting`: waiting will not help, for this notice or for anything that is sent there. */
export type Outcome =
  | { readonly delivered: true; readonly status: number | null; readonly reference: string | null }
  | {
      readonly delivered: false;
      readonly status: number | null;
      readonly reason: string;
      readonly retryAfterSecs: number | null;
      readonly lasting: 'notice' | 'target' | null;
    };
export type Failure = Extract<Outcome, { delivered: false }>;

/** A target that does not hear at the moment. Times in ms since 1970. */
export type Trouble = {
  readonly event_seq: number;
  readonly due_seq: number;
  /** The address as the vault knows it, '' where there is none: at another address nothing has failed yet. */
  readonly ref: string;
  /** Of this notice. */
  readonly attempts: number;
  /** Since when nothing was delivered there. */
  readonly since: number;
  readonly next_at: number;
  readonly reason: string;
};
