import { fileNames } from '../../../../parsers/tools/file-names.ts';
import { tools } from '../../../../parsers/tools/registry.ts';
import type { Rule } from './define.ts';
import { sharedLists } from './guarded-names.ts';

const lists = fileNames([...tools.flatMap((tool) => tool.settings?.lists ?? []), ...sharedLists]) ?? /^(?!)/;

/** Lists of what tools pass over become shorter, never longer. */
export const widenedIgnore: Rule = {
  name: 'widened_ignore',
  judge: ({ files }) =>
    files.flatMap(({ file, added, removed }) => {
      if (!lists.test(file.path) && !lists.test(file.oldPath ?? '')) return [];
      const line =
        added.find(({ text }) => !/^[#!]/.test(text)) ??
        removed.find(({ text }) => text.startsWith('!') && file.status !== 'deleted');
      if (line === undefined) return [];
      return [
        {
          rule: 'ignore_widened',
          path: file.path,
          line: line.at,
          why: `"${line.text.slice(0, 100)}" takes files or findings out of sight`,
        },
      ];
    }),
};
