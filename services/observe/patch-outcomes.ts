import type { EventName } from '../../events/registry.ts';

/** Outcomes of an attempt to mend, by the event that says it. */
export const patchOutcomes: Readonly<Partial<Record<EventName, string>>> = {
  PatchDeclined: 'declined',
  PatchRefused: 'refused',
  PatchApplyFailed: 'apply_failed',
  PatchAbandoned: 'abandoned',
  PatchVerifyFailed: 'verify_failed',
  PatchStopped: 'stopped',
  PrOpened: 'opened',
  PrMerged: 'merged',
  PrClosed: 'closed',
  PrSuperseded: 'superseded',
};
