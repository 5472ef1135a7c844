import { addedSuppression } from './added-suppression.ts';
import { changedExpectation } from './changed-expectation.ts';
import type { Rule } from './define.ts';
import { forcedExit } from './forced-exit.ts';
import { guardedFile } from './guarded-file.ts';
import { guardedSection } from './guarded-section.ts';
import { hiddenSource } from './hidden-source.ts';
import { lostTest } from './lost-test.ts';
import { loweredStrictness } from './lowered-strictness.ts';
import { loweredThreshold } from './lowered-threshold.ts';
import { manifestDependency } from './manifest-dependency.ts';
import { patchSize } from './patch-size.ts';
import { plainFile } from './plain-file.ts';
import { removedCheck } from './removed-check.ts';
import { removedCode } from './removed-code.ts';
import { safePath } from './safe-path.ts';
import { skippedTest } from './skipped-test.ts';
import { swallowedError } from './swallowed-error.ts';
import { weakenedAssertion } from './weakened-assertion.ts';
import { widenedIgnore } from './widened-ignore.ts';

/** In the order in which objections are told: where, what kind, then what is done there. */
export const rules: readonly Rule[] = [
  safePath,
  plainFile,
  patchSize,
  guardedFile,
  guardedSection,
  manifestDependency,
  widenedIgnore,
  addedSuppression,
  lostTest,
  skippedTest,
  weakenedAssertion,
  changedExpectation,
  loweredThreshold,
  loweredStrictness,
  removedCode,
  removedCheck,
  forcedExit,
  swallowedError,
  hiddenSource,
];
