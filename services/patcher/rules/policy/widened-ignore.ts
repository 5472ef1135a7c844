import type { Rule } from './define.ts';

const lists =
  /(?:^|\/)(?:\.[\w-]{1,40}ignore|\.git\/info\/exclude|\.nsprc|\.secrets\.baseline|[\w.-]{0,60}baseline[\w.-]{0,20}\.(?:xml|neon|json|ya?ml|php|toml|txt)|\.?osv-scanner\.toml|\.?audit-ci\.jsonc?|MANIFEST\.in|\.phan\/.{0,100}|\.auditignore|\.betterer\.results|[\w.-]{0,40}allow-?list[\w.-]{0,20}|[\w.-]{0,40}exclude[\w-]{0,20}\.txt)$/i;

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
