import type { Objection, Rule } from './define.ts';
import type { Reading } from './reading/patch-reading.ts';

/** Names that a file system may take for `.git`: other cases, trailing dots and spaces, streams, short names, ignorable characters. */
const gitFolder = /^\.git(?:[\s.:]|$)|^git~\d/i;
const ignorable = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** Every path lies in the subproject, and none is git's own. */
export const safePath: Rule = {
  name: 'safe_path',
  judge: (patch) =>
    patch.judged.files.flatMap(({ path, oldPath }) =>
      [...new Set([path, oldPath ?? path])].flatMap((one) => judgePath(one, patch)),
    ),
};

function judgePath(path: string, { judged }: Reading): Objection[] {
  const segments = path.split('/');
  const at = { path, line: null };
  const odd = segments.some((one) => one === '' || one === '.' || one === '..' || one.length > 255);
  if (odd || path.length > 1024 || /[\\\0]|^[a-z]:/i.test(path))
    return [{ ...at, rule: 'path_outside', why: 'the path is not a plain path inside of the repository' }];
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(path))
    return [{ ...at, rule: 'path_outside', why: 'the path holds a control character, such as the end of a line' }];
  const names = segments.map((one) => one.replace(ignorable, ''));
  if (names.some((one) => gitFolder.test(one)) || names.some((one) => /^(?:\.gitmodules|gitmod~\d)[\s.]*$/i.test(one)))
    return [{ ...at, rule: 'git_internals', why: 'the path belongs to git itself: a patch must leave it alone' }];
  if (judged.subproject !== '.' && !path.startsWith(`${judged.subproject.replace(/\/$/, '')}/`))
    return [
      {
        ...at,
        rule: 'path_outside',
        why: `the path lies outside of the subproject ${judged.subproject.slice(0, 200)}`,
      },
    ];
  return [];
}
