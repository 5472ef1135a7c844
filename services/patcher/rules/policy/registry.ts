import type { Rule } from './define.ts';
import { docExamples } from './doc-examples.ts';
import { escapedJudgement } from './escapes/escaped-judgement.ts';
import { hiddenSource } from './hidden-source.ts';
import { judgeFile } from './judge-file.ts';
import { knownWords } from './known-words.ts';
import { guardedSection } from './manifests/guarded-section.ts';
import { loweredStrictness } from './manifests/lowered-strictness.ts';
import { manifestDependency } from './manifests/manifest-dependency.ts';
import { patchSize } from './patch-size.ts';
import { plainFile } from './plain-file.ts';
import { removedCheck } from './removed-check.ts';
import { removedCode } from './removed-code.ts';
import { safePath } from './safe-path.ts';
import { secretInPatch } from './secret-in-patch.ts';
import { addedSuppression } from './suppressions/added-suppression.ts';
import { unconnected } from './unconnected.ts';

/** In the order in which objections are told: where, what kind, then what is done there. */
export const rules: readonly Rule[] = [
  safePath,
  plainFile,
  patchSize,
  secretInPatch,
  judgeFile,
  guardedSection,
  manifestDependency,
  addedSuppression,
  escapedJudgement,
  knownWords,
  unconnected,
  loweredStrictness,
  removedCode,
  removedCheck,
  hiddenSource,
  docExamples,
];
