/** How many of something ran, of how many there are. */
export type Share = { readonly covered: number; readonly total: number };

/** What a report says of one source file. Several entries of one file add up, line by line. */
export type CoveredFile = {
  /** As it was printed; where folders are known that it may count from, one path for each, the likeliest first. */
  readonly paths: readonly string[];
  /** Lines that can run, from 1, and whether they did. */
  readonly lines?: Iterable<readonly [line: number, ran: boolean]>;
  /** The lines only show where the statements stand that are summed up: they are no count of their own. */
  readonly linesOfBlocks?: boolean;
  /** Branches of a line: how many were taken, of how many. */
  readonly branches?: Iterable<readonly [line: number, covered: number, total: number]>;
  /** Functions by a name that is theirs alone in the file, and whether they ran. */
  readonly functions?: Iterable<readonly [name: string, ran: boolean]>;
  /** What the report sums up, for what it does not list one by one. */
  readonly sums?: {
    readonly lines?: Share | undefined;
    readonly statements?: Share | undefined;
    readonly branches?: Share | undefined;
    readonly functions?: Share | undefined;
  };
};

/** One reading of one file. Only what the current source file needs is kept. */
type CoverageMachine = {
  /** The text in any pieces. */
  write(text: string): void;
  /** After the last piece: null when the report is whole, else what is wrong, in words. */
  end(): string | null;
};

/** A format in which coverage is written. */
export type CoverageFormat = {
  /** Also the name of the file and of the fixture folder. */
  readonly name: string;
  /** Who writes it. */
  readonly writers: string;
  /** Whether a file that begins so is of this format; `head` holds at most its first 4,096 characters. */
  is(head: string): boolean;
  start(covered: (file: CoveredFile) => void): CoverageMachine;
};
