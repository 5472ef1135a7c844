import type { Database } from 'better-sqlite3';
import type { EventName, Recorded } from '../../events/registry.ts';
import type { Handlers } from '../define.ts';
import { type DigestFinding, rankOf } from './digest-rows.ts';

type Known = { id: number; project: string; open: number; changed: number; rank: number };

/** What each event does to the findings of digests: every turn of one is a row. */
export function findingHandlers(db: Database, onChange: (runSeq: number) => void): Handlers {
  const find = db.prepare<[string], Known>(
    'SELECT id, project, open, changed, rank FROM digest_findings WHERE identity = ?',
  );
  const add = db.prepare('INSERT OR IGNORE INTO digest_findings VALUES (?, ?, ?, ?, ?, ?, ?)');
  const move = db.prepare('UPDATE digest_findings SET open = ?, changed = ? WHERE id = ?');
  const addChange = db.prepare('INSERT OR IGNORE INTO digest_changes VALUES (?, ?, ?, ?, ?, ?)');
  const change = (runSeq: number, ...rest: number[]) => {
    addChange.run(runSeq, ...rest);
    onChange(runSeq);
  };
  const hush = db.prepare('INSERT INTO digest_hushed VALUES (?, ?, ?, ?)');
  const leave = db.prepare('INSERT OR IGNORE INTO digest_left VALUES (?, ?, ?)');
  const turn = (open: 0 | 1) => (event: Recorded<'FindingReopened' | 'FindingResolved'>) => {
    const known = find.get(event.data.identity);
    if (!known || known.open === open) return;
    const isBaseline = 'baseline' in event.data && event.data.baseline === true;
    // What is set aside stays closed here until it breaks through.
    if ('set_aside' in event.data && event.data.set_aside) return;
    if (!isBaseline) change(event.data.run_seq, open, known.rank, event.seq, known.id, known.changed);
    move.run(open, isBaseline ? known.changed : event.seq, known.id);
  };
  const hushed = (value: 0 | 1) => (event: Recorded<'FindingSuppressed' | 'FindingUnsuppressed'>) => {
    const known = find.get(event.data.identity);
    if (known) hush.run(event.seq, known.project, known.id, value);
  };
  return {
    FindingDetected: ({ seq, data }) => {
      const { identity, project, on_default_branch, finding, baseline = false } = data;
      const open = on_default_branch ? 1 : 0;
      // What stood there at the first look is no news, and no turn of anything.
      const isTurn = on_default_branch && !baseline;
      const rank = rankOf(finding.kind, finding.severity);
      const { changes } = add.run(seq, identity, project, open, isTurn ? seq : 0, rank, findingDoc(seq, data));
      if (isTurn && changes > 0) change(data.run_seq, 1, rank, seq, seq, 0);
    },
    FindingReopened: turn(1),
    FindingResolved: turn(0),
    FindingUnwatched: ({ seq, data }) => {
      const known = find.get(data.identity);
      if (!known || known.open === 0) return;
      leave.run(seq, known.project, known.id);
      move.run(0, seq, known.id);
    },
    FindingSuppressed: hushed(1),
    FindingUnsuppressed: hushed(0),
  };
}

function findingDoc(id: number, { finding, subproject, recipe }: Recorded<'FindingDetected'>['data']): string {
  const { kind, severity, tool, code, file, line, message, fixed_version } = finding;
  const doc: DigestFinding = {
    id,
    kind,
    severity,
    tool,
    code: code?.slice(0, 128) ?? null,
    file: file?.slice(0, 256) ?? null,
    line,
    message: message.slice(0, 400),
    ...(finding.also ? { also: finding.also.map((one) => one.tool) } : {}),
    package: finding.package?.slice(0, 128) ?? null,
    fixed_version: fixed_version?.slice(0, 64) ?? null,
    subproject,
    recipe,
  };
  return JSON.stringify(doc);
}

/** What each event does to the patch attempts of digests. */
export function patchHandlers(db: Database): Handlers {
  const keep = db.prepare('INSERT INTO digest_patches VALUES (?, ?, ?, ?, ?, ?, ?)');
  const titleOf = db
    .prepare<[string], string>('SELECT title FROM digest_patches WHERE patch_id = ? ORDER BY seq DESC LIMIT 1')
    .pluck();
  const pull =
    (what: string) =>
    ({ seq, data }: Recorded<Extract<EventName, 'PrOpened' | 'PrMerged' | 'PrClosed' | 'PrSuperseded'>>) => {
      const title = 'title' in data ? data.title : (titleOf.get(data.patch_id) ?? '');
      keep.run(seq, data.project, data.patch_id, what, title.slice(0, 200), data.url, data.number);
    };
  const ended = ({
    seq,
    data: { project, patch_id, failure },
  }: Recorded<
    Extract<
      EventName,
      `Patch${'Declined' | 'Refused' | 'ApplyFailed' | 'VerifyFailed' | 'Abandoned' | 'ApprovalDeclined' | 'ApprovalExpired'}`
    >
  >) => {
    const why = `${failure.reason.replaceAll('_', ' ')}: ${failure.detail}`;
    keep.run(seq, project, patch_id, 'failed', why.slice(0, 200), null, null);
  };
  return {
    PatchApprovalDeclined: ended,
    PatchApprovalExpired: ended,
    PatchApprovalRequested: ({ seq, data }) => {
      keep.run(seq, data.project, data.patch_id, 'waiting', data.title.slice(0, 200), null, null);
    },
    PatchApproved: ({ seq, data }) => {
      keep.run(seq, data.project, data.patch_id, 'approved', `by ${data.by}`, null, null);
    },
    PatchDeclined: ended,
    PatchRefused: ended,
    PatchApplyFailed: ended,
    PatchVerifyFailed: ended,
    PatchAbandoned: ended,
    BranchPushed: ({ seq, data }) => {
      keep.run(seq, data.project, data.patch_id, 'pushed', `branch ${data.branch}`.slice(0, 200), null, null);
    },
    PatchDrafted: ({ seq, data }) => {
      const title = data.explanation.slice(0, 200) || `${data.files.length} files changed by ${data.method}`;
      keep.run(seq, data.project, data.patch_id, 'drafted', title, null, null);
    },
    PrOpened: pull('opened'),
    PrMerged: pull('merged'),
    PrClosed: pull('closed'),
    PrSuperseded: pull('superseded'),
  };
}
