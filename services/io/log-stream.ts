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
  /** The sequence of the newest chunk of a job, 0 for none. */
  lastSeq(jobId: string): Promise<number>;
};
