import { grammarNames } from '../../floor/text/syntax-tree.ts';
import { openGrammars } from '../../io/syntax/grammars.ts';
import type { Objection } from '../rules/policy/define.ts';
import { judgePatch } from '../rules/policy/judge-patch.ts';
import type { Judged } from '../rules/policy/reading/judged-patch.ts';
import { grammarOf, languageOf } from '../rules/policy/reading/source-language.ts';

/** What speaks against a patch, read by the grammars of its files alone. Null when it nests deeper than the stack. */
export async function judgeByGrammars(judged: Judged): Promise<readonly Objection[] | null> {
  const used = judged.files.flatMap(({ path, oldPath, before, after }) =>
    [
      grammarOf(path, languageOf(path, after ?? '')),
      grammarOf(oldPath ?? path, languageOf(oldPath ?? path, before ?? '')),
    ].flatMap((one) => one ?? []),
  );
  const parse = await openGrammars(grammarNames.filter((name) => used.includes(name)));
  try {
    return judgePatch(judged, parse);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
