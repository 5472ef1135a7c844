import { flushCompileCache } from 'node:module';
import { grammarNames } from '../../floor/text/syntax-tree.ts';
import { openGrammars } from '../../io/syntax/grammars.ts';
import { judgePatch } from '../rules/policy/judge-patch.ts';
import type { Judged } from '../rules/policy/reading/judged-patch.ts';
import { grammarOf, languageOf } from '../rules/policy/reading/source-language.ts';

// A process of its own for each patch: what it reads is hostile, and may take all of its time and memory.
const judged = await new Promise<Judged>((resolve) => process.once('message', (sent) => resolve(sent as Judged)));
const used = judged.files.flatMap(({ path, oldPath, before, after }) =>
  [
    grammarOf(path, languageOf(path, after ?? '')),
    grammarOf(oldPath ?? path, languageOf(oldPath ?? path, before ?? '')),
  ].flatMap((one) => one ?? []),
);
const parse = await openGrammars(grammarNames.filter((name) => used.includes(name)));
// Whoever hears the answer ends this process, and what was compiled is kept at an orderly end only.
flushCompileCache();
const tell = (said: unknown) => process.send?.(said, () => process.disconnect());
try {
  tell(judgePatch(judged, parse));
} catch (error) {
  // Nested deeper than the stack.
  if (!(error instanceof RangeError)) throw error;
  tell(null);
}
