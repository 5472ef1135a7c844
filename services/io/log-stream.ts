export type Pipe = 'stdout' | 'stderr';

/** One chunk of what a recipe printed. `seq` is its place in the stream of all logs. */
export type LogChunk = { readonly pipe: Pipe; readonly bytes: Uint8Array; readonly seq: number };

/** What was written: sequences of the first and last chunk (0 for none), bytes, SHA-256 of them in stored order. */
export type LogSummary = {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly bytes: number;
  readonly digest: string | null;
};

/** A result file, or a piece of one; `name` is its path in the repository. */
export type Report = { readonly name: string; readonly bytes: Uint8Array };

/** Where saved result files lie in the stream. */
export type SavedReports = { readonly count: number; readonly first_seq: number; readonly last_seq: number };

export type LogWriter = {
  /** Takes bytes of one pipe; a returned promise asks the caller to wait before it brings more. */
  write(pipe: Pipe, bytes: Buffer): void | Promise<void>;
  /** Resolves when everything is stored. */
  end(): Promise<LogSummary>;
};

/** Where the output of jobs is kept: in chunks, the order between the two pipes preserved. */
export type LogStream = {
  writer(jobId: string): LogWriter;
  /** Hands over the chunks of a job in order, from `firstSeq` to `lastSeq` (the newest stored one by default). */
  read(
    jobId: string,
    range: { firstSeq?: number; lastSeq?: number },
    onChunk: (chunk: LogChunk) => void | Promise<void>,
  ): Promise<void>;
  /** Follows a job's log from `firstSeq` on until stopped. */
  follow(jobId: string, firstSeq: number, onChunk: (chunk: LogChunk) => void): Promise<{ stop(): Promise<void> }>;
  /** Keeps result files that a recipe left, apart from the log. */
  saveReports(jobId: string, reports: readonly Report[]): Promise<SavedReports>;
  /** Hands over the result files of a job in pieces, file after file. */
  readReports(jobId: string, saved: SavedReports, onPiece: (piece: Report) => void): Promise<void>;
  /** The sequence of the newest chunk of a job, 0 for none. */
  lastSeq(jobId: string): Promise<number>;
};
