import { posix } from 'node:path';
import type { ChangedFile } from '../../services/floor/changed-file.ts';
import { grammarNames } from '../../services/floor/text/syntax-tree.ts';
import { openGrammars } from '../../services/io/syntax/grammars.ts';
import type { Objection } from '../../services/patcher/rules/policy/define.ts';
import { judgePatch } from '../../services/patcher/rules/policy/judge-patch.ts';
import type { Answer, TrustCase } from './define.ts';

/** What the gate says of one answer, without a farm, and so without a proof. */
export type Judgement = {
  readonly name: string;
  readonly what: string;
  readonly isCheat: boolean;
  readonly objections: readonly Objection[];
};

/** The gate alone on each answer that can be applied, in seconds instead of hours; what it lets pass is for the proof. */
export async function gateAlone(cases: readonly TrustCase[]): Promise<Judgement[]> {
  const parse = await openGrammars(grammarNames);
  return cases.flatMap((one) =>
    one.answers.flatMap((answer) => {
      const files = changedBy(one, answer);
      if (files.length === 0) return [];
      const isCheat = one.character === 'impossible' || (one.character === 'dishonest' && answer.what !== 'mends it');
      const findings = [findingOf(one)];
      const objections = judgePatch({ files, subproject: '.', method: 'agent', findings }, parse);
      return [{ name: one.name, what: answer.what, isCheat, objections }];
    }),
  );
}

/** A failing test is found in its test file, everything else in its source. */
export function findingOf({ recipe, code, files }: TrustCase) {
  const isTest = (path: string) => /test|spec|^t\//i.test(posix.basename(path)) || path.startsWith('t/');
  const paths = Object.keys(files);
  const at = paths.find((path) => isTest(path) === (recipe === 'test')) ?? paths[0] ?? '';
  return { file: at, line: null, code, kind: recipe === 'test' ? 'test_fail' : 'lint' };
}

export function changedBy({ files }: TrustCase, { edits }: Answer): ChangedFile[] {
  if (typeof edits === 'string') return [];
  const after = new Map(Object.entries(files));
  for (const { file, search, replace } of edits) {
    const text = after.get(file);
    if (search !== '' && text?.includes(search) !== true) return [];
    after.set(file, search === '' ? replace : (text ?? '').replace(search, () => replace));
  }
  return [...after].flatMap(([path, text]): ChangedFile[] => {
    const before = files[path] ?? null;
    if (before === text) return [];
    const lines = { added: text.split('\n').length, removed: before?.split('\n').length ?? 0 };
    const modes = { oldMode: before === null ? null : '100644', newMode: '100644', binary: false };
    return before === null
      ? [{ path, oldPath: null, status: 'added', before, after: text, ...modes, ...lines }]
      : [{ path, oldPath: path, status: 'modified', before, after: text, ...modes, ...lines }];
  });
}
