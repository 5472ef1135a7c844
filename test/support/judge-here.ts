import type { Judge } from '../../services/patcher/rules/policy/define.ts';

/**
 * Judges patches in the process of a test, by what a process of its own would do: to start one for each was a third of what
 * the patch loop computed. `patcher/gate/patch-gate.test.ts` and whatever starts the service as a program has the real one.
 */
export const judgeHere: Judge = async (judged) => {
  const { judgeByGrammars } = await import('../../services/patcher/gate/judge-by-grammars.ts');
  const said = await judgeByGrammars(judged);
  if (said === null) throw new RangeError(`The patch of ${judged.files[0]?.path} nests too deeply.`);
  return said;
};
