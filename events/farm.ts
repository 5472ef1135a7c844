import { defineEvent } from './define.ts';
import { closed, oneOf, text } from './fields.ts';

const farmTroubles = ['disk', 'role'] as const;

/** What is the matter with the farm itself; the id is `<trouble>.<of>`. */
const Trouble = closed({
  trouble: oneOf(farmTroubles),
  /** The host whose disk is too full, or the role that nobody has. */
  of: text(255, 1),
  /** In words that everybody may read. */
  reason: text(512, 1),
});

/** Something that everybody waits for has been missing for a while. */
export const FarmTroubled = defineEvent('FarmTroubled', 'farm', Trouble);

/** It is there again. */
export const FarmRecovered = defineEvent('FarmRecovered', 'farm', Trouble);
