import type { Run } from '../define.ts';

type Place = { readonly file: string; readonly line: number; readonly column: number | null };

const maxRead = 16_384;
/** `a/b.py:4:2`, `(a.js:4:2)`, `"a.py", line 4`, `test file a.bats, line 4`, `a.t line 4`, `A.cs:line 4`. */
const printed =
  /(?:^|[\s("'`@[\u276f])((?:file:\/\/)?(?:[A-Za-z]:)?[\w./\\@+~-]{1,300}\.[A-Za-z]\w{0,7})(?::|["'`]?,? line |:line )(\d{1,7})(?::(\d{1,7}))?(?!\w|\.\d)/gm;
/** Languages whose traces name a file without its folder. */
const bare = /^[^/\\]*\.(?:java|kt|kts|scala|groovy|clj|go|cs|fs|vb|swift|hs)$/i;
const foreign = /(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|\.cargo|\.venv|venv)\//;

/**
 * Where a failure's text says that it was raised: in Python's case the last place (its traces end there), else the first
 * one in the repository that is no dependency.
 */
export function placeInText(text: string, run: Run): Place | null {
  let best: Place | null = null;
  for (const found of text.slice(0, maxRead).matchAll(printed)) {
    const file = found[1] ?? '';
    if (bare.test(file)) continue;
    const inside = run.path(file);
    if (inside === null || foreign.test(inside)) continue;
    const place = { file, line: Number(found[2]), column: found[3] === undefined ? null : Number(found[3]) };
    if (!file.endsWith('.py')) return best ?? place;
    best = place;
  }
  return best;
}
