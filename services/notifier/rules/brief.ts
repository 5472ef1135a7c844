/** What a job brought that nobody knew; `top` are the gravest. */
export type JobBrief = {
  readonly new: number;
  readonly by_severity: Readonly<Record<string, number>>;
  readonly top: readonly {
    readonly id: number;
    readonly severity: string;
    readonly tool: string;
    readonly code: string | null;
    readonly file: string | null;
    readonly line: number | null;
    readonly message: string;
  }[];
};
