import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Commit, Count, closed, JobId, nullable, oneOf, text } from '../fields.ts';
import { forgeKinds, Patch } from './patch.ts';

/** The branch is on the remote at this commit. */
export const BranchPushed = defineEvent(
  'BranchPushed',
  'patch',
  closed({ ...Patch, branch: text(255, 1), commit: Commit, base_sha: Commit, replaces: nullable(Commit) }),
);

/** Somebody else has pushed to the branch: it is theirs now. */
export const BranchTakenOver = defineEvent(
  'BranchTakenOver',
  'patch',
  closed({ ...Patch, branch: text(255, 1), commit: Commit }),
);

const Pull = {
  ...Patch,
  forge: oneOf(forgeKinds),
  repository: text(512, 1),
  number: Type.Integer({ minimum: 1 }),
  url: text(2048, 1),
};

/** A pull request asks people to look at it. */
export const PrOpened = defineEvent('PrOpened', 'patch', closed({ ...Pull, title: text(512, 1) }));

/** The same pull request shows new content. */
export const PrUpdated = defineEvent('PrUpdated', 'patch', closed({ ...Pull, title: text(512, 1) }));

/** People have said something about it, so many times by now. */
export const PrCommented = defineEvent('PrCommented', 'patch', closed({ ...Pull, comments: Count }));

/** It cannot be merged any more as it is. */
export const PrConflicted = defineEvent('PrConflicted', 'patch', closed({ ...Pull }));

/** People have taken it. */
export const PrMerged = defineEvent('PrMerged', 'patch', closed({ ...Pull, commit: nullable(Commit) }));

/** People do not want it: a refusal that lasts. */
export const PrClosed = defineEvent('PrClosed', 'patch', closed({ ...Pull }));

/** What it was to mend is gone by another way: the farm closes it, with a comment, and its place is free. It is no refusal. */
export const PrSuperseded = defineEvent(
  'PrSuperseded',
  'patch',
  closed({ ...Pull, job_id: JobId, reason: text(512, 1) }),
);

/** The branch of an attempt that is over was removed: it was where the farm had pushed it. */
export const BranchRemoved = defineEvent(
  'BranchRemoved',
  'patch',
  closed({ ...Patch, branch: text(255, 1), commit: Commit }),
);

/** A write to the forge that was not this attempt's to make. */
export const ForgeWriteRefused = defineEvent(
  'ForgeWriteRefused',
  'patch',
  closed({ ...Patch, operation: text(64, 1), target: text(512, 1), reason: text(512, 1) }),
);
