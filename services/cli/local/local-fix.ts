import { join, relative } from 'node:path';
import { toolEdit } from '../../patcher/rules/drafting/tool-edit.ts';
import type { LocalFinding, LocalResult } from './run-recipe-here.ts';
import { pathInside, textInside } from './tree/tree-sources.ts';
import { faultWords, writeFiles } from './tree/write-files.ts';

export type LocalFix = {
  /** Findings whose edits are in the files now. */
  readonly applied: number;
  readonly files: readonly string[];
  /** Files that were not written, and why. */
  readonly left: readonly { file: string; reason: string }[];
};

/**
 * Writes into the work tree what the tools themselves offer and call safe. A file that changed since its tool looked at it
 * is left alone: the places of the edits are no longer those.
 */
export async function localFix(
  root: string,
  findings: readonly LocalFinding[],
  results: readonly LocalResult[],
): Promise<LocalFix> {
  const texts = new Map<string, string>();
  const left: { file: string; reason: string }[] = [];
  for (const [file, text] of results.flatMap(({ edited }) => [...edited])) {
    const isSame = textInside(root, file) === text && !text.includes('\uFFFD');
    if (isSame) texts.set(file, text);
    else left.push({ file, reason: 'it changed while the recipes ran, or is no UTF-8 text' });
  }
  const edit = toolEdit(
    findings.filter(({ edits }) => edits.length > 0 && edits.every(({ file }) => texts.has(file))),
    texts,
  );
  if (!edit.ok) return { applied: 0, files: [], left };
  const contents = new Map<string, string>();
  for (const [file, text] of edit.files) {
    const path = pathInside(root, file);
    // A link is edited as the file that it leads to, and that file's own edits go before.
    if (path !== undefined && (path === join(root, file) || !contents.has(path))) contents.set(path, text);
  }
  const fault = await writeFiles(contents);
  const fileOf = (path: string) => relative(root, path);
  if (fault) {
    const file = fileOf(fault.path);
    return { applied: 0, files: [], left: [...left, { file, reason: faultWords(fault, file).replace(/\.$/, '') }] };
  }
  return { applied: edit.applied, files: [...contents.keys()].map(fileOf).sort(), left };
}
