import type { ChangedFile } from '../../../floor/changed-file.ts';
import type { Objection, Rule } from './define.ts';

/** Files stay plain files with text in them. */
export const plainFile: Rule = {
  name: 'plain_file',
  judge: (patch) =>
    patch.judged.files.flatMap((file) => [...judgeKind(file), ...judgeMode(file), ...judgeContent(file)]),
};

function judgeKind({ path, status, oldMode, newMode }: ChangedFile): Objection[] {
  const plain = [oldMode, newMode].every((mode) => mode === null || mode === '100644' || mode === '100755');
  if (plain && status !== 'type_changed') return [];
  return [
    {
      rule: 'special_file',
      path,
      line: null,
      why: 'symbolic links and submodules are not for a patch to make or to change',
    },
  ];
}

/**
 * A program is what begins with `#!`, and linters ask for its mode; anything else that becomes executable, or stops being
 * so, has no reason in a finding.
 */
function judgeMode({ path, oldMode, newMode, after }: ChangedFile): Objection[] {
  if (newMode === null || oldMode === newMode || (oldMode === null && newMode !== '100755')) return [];
  const program = after?.startsWith('#!') === true;
  if (program === (newMode === '100755')) return [];
  return [
    {
      rule: 'mode_changed',
      path,
      line: null,
      why: 'only a script that begins with #! may become executable, and only another file may stop being so',
    },
  ];
}

function judgeContent({ path, binary, before, after }: ChangedFile): Objection[] {
  if (!binary && !before?.includes('\0') && !after?.includes('\0')) return [];
  return [{ rule: 'binary_content', path, line: null, why: 'what is not text cannot be reviewed in a patch' }];
}
