/** What a job brought: `new` is what nobody knew, `back` what was closed before; `top` are the gravest of both. */
export type JobBrief = {
  readonly new: number;
  readonly back: number;
  readonly by_severity: Readonly<Record<string, number>>;
  readonly top: readonly {
    readonly id: number;
    readonly back: boolean;
    readonly severity: string;
    readonly tool: string;
    readonly code: string | null;
    readonly file: string | null;
    readonly line: number | null;
    readonly message: string;
  }[];
};
