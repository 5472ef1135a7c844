/** A mutant that no test kills, and why that is right. Named by what it changes, since lines move. */
export type Survivor = {
  readonly file: string;
  /** The line in which it is, without the space around. */
  readonly line: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
};

export const knownSurvivors: readonly Survivor[] = [
  {
    file: 'services/patcher/publishing/publish-patch.ts',
    line: 'await deps.log.flush();',
    from: 'await deps.log.flush()',
    to: 'undefined',
    why: 'what comes before was appended durably; it matters for facts that need not last, and the push waits all the same',
  },
];
