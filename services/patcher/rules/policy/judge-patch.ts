import type { Parse } from '../../../floor/text/syntax-tree.ts';
import type { Objection } from './define.ts';
import type { Judged } from './reading/judged-patch.ts';
import { readPatch } from './reading/patch-reading.ts';
import { rules } from './registry.ts';

/** Objections beyond these tell nobody anything new. */
const most = 50;

/**
 * What speaks against a patch, worst place first; nothing when it is allowed. Pure, and never throws on any text. `parse`
 * reads what there is a grammar for; where it reads nothing, nothing of a file that judges may change. It
 * refuses what looks like a cheat even where that may be meant well: such a change is for a person to make.
 */
export function judgePatch(judged: Judged, parse: Parse): Objection[] {
  const patch = readPatch(judged, parse);
  const seen = new Set<string>();
  return rules
    .flatMap((rule) => rule.judge(patch))
    .filter(({ rule, path, line }) => {
      const key = `${rule}\0${path}\0${line ?? ''}`;
      return !seen.has(key) && seen.add(key);
    })
    .slice(0, most)
    .map((one) => ({ ...one, path: one.path.slice(0, 1024), why: one.why.slice(0, 500) }));
}
