import type { ReadModels } from '../projector/read-models.ts';

/** Answers that are asked for again and again while nothing happens: dashboards and those who wait for a job. */
const keptAnswers = 200;
/** Larger answers are made anew each time, so that all that is kept stays under 26 MB. */
const largest = 128 * 1024;

/** A small answer is best kept as text, which goes out in one piece with its header; a large one as bytes. */
type Prepared = string | Buffer;

/** Keeps prepared answers for as long as the read model stands at one sequence. */
export type AnswersAtSequence = {
  get(key: string): Prepared | undefined;
  /** `seq` is where the read model stood before the answer was made. */
  keep(key: string, answer: Prepared, seq: number): void;
};

/** An answer may only depend on its key and on the read model. The key names whatever narrows it, the owner above all. */
export function answersAtSequence(models: Pick<ReadModels, 'seq'>): AnswersAtSequence {
  const kept = new Map<string, Prepared>();
  let keptSeq = -1;
  return {
    get: (key) => (keptSeq === models.seq() ? kept.get(key) : undefined),
    keep: (key, answer, seq) => {
      if (seq !== models.seq() || answer.length > largest) return;
      if (seq !== keptSeq || kept.size >= keptAnswers) kept.clear();
      keptSeq = seq;
      kept.set(key, answer);
    },
  };
}
