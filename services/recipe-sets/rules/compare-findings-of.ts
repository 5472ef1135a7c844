import type { FindingDoc } from '../../../projections/findings/findings.ts';

/** What is shown of a finding in a rehearsal. */
type ShownFinding = Pick<FindingDoc, 'id' | 'severity' | 'code' | 'file' | 'line' | 'message'>;

/** What a changed recipe does to findings. Without a run that shows it, what is open now is in question. */
export type FindingsChange = {
  readonly open: number;
  /** The job in which the very command ran before in this place; null where none did. */
  readonly known_from: string | null;
  readonly would_open: ShownFinding[];
  readonly would_close: ShownFinding[];
  /** Those that another recipe of the project reports, too: one of both goes. */
  readonly would_merge: ShownFinding[];
  readonly in_question: number;
};

type Compared = {
  /** Open findings of the recipe. */
  readonly open: readonly FindingDoc[];
  /** What the command found when it ran in this place last; null where it never did, or where its output broke off. */
  readonly known: { readonly job_id: string; readonly saw: readonly FindingDoc[] } | null;
  /** Open findings of recipes that stay. */
  readonly elsewhere: readonly FindingDoc[];
  /** Whether the recipe is there after the change. */
  readonly stays: boolean;
};

const most = 50;

/**
 * What would become of findings, by what is stored. A recipe that goes leaves its findings to nobody: those that another recipe
 * reports in the same place merge with its, the others are in question.
 */
export function findingsChange({ open, known, elsewhere, stays }: Compared): FindingsChange {
  const places = new Set(elsewhere.map(placeOf));
  const merging = stays ? [] : open.filter((one) => places.has(placeOf(one)));
  const none = { open: open.length, known_from: null, would_open: [], would_close: [] };
  if (!stays || known === null)
    return { ...none, would_merge: shown(merging), in_question: open.length - merging.length };
  const [isOpen, isSeen] = [new Set(open.map(({ id }) => id)), new Set(known.saw.map(({ id }) => id))];
  return {
    open: open.length,
    known_from: known.job_id,
    would_open: shown(known.saw.filter(({ id, state }) => !isOpen.has(id) && state !== 'suppressed')),
    would_close: shown(open.filter(({ id }) => !isSeen.has(id))),
    would_merge: [],
    in_question: 0,
  };
}

function placeOf({ tool, code, file, line, message }: FindingDoc): string {
  return JSON.stringify([tool, code, file, line, file === null ? message : null]);
}

function shown(findings: readonly FindingDoc[]): ShownFinding[] {
  return findings
    .slice(0, most)
    .map(({ id, severity, code, file, line, message }) => ({ id, severity, code, file, line, message }));
}
