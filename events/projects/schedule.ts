import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Commit, Count, closed, JobId, Name, oneOf, Recipe, Time, text } from '../fields.ts';

/**
 * A slot of a schedule was used; its id is `<project>.<recipe>.<slot>`, so it is used once. The jobs are appended after it:
 * their ids follow from it.
 */
export const ScheduleFired = defineEvent(
  'ScheduleFired',
  'schedule',
  closed({
    project: Name,
    recipe: Recipe,
    /** The time of the slot. */
    slot: Time,
    /** `time`: it was due; `catch_up`: it was missed, and is the last one that was; `asked`: somebody asked for it. */
    why: oneOf(['time', 'catch_up', 'asked']),
    /** Slots before this one that nobody used. */
    missed: Count,
    by: Name,
    jobs: Type.Array(JobId, { maxItems: 256 }),
  }),
);

/**
 * A branch of a project has a new head; its id is `<project>:<branch>.<sha>`, so that a poll and a webhook make one of it;
 * with `.2` and so on when it is pushed back to a commit that was its head before. The jobs are appended after it: their ids
 * follow from it.
 */
export const BranchHeadSeen = defineEvent(
  'BranchHeadSeen',
  'schedule',
  closed({
    project: Name,
    branch: text(255, 1),
    sha: Commit,
    /** `first`: the head when watching began, for which nothing is run. */
    by: oneOf(['first', 'poll', 'webhook']),
    jobs: Type.Array(JobId, { maxItems: 1024 }),
  }),
);
