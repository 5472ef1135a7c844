import { fileNames } from '../../../../parsers/tools/file-names.ts';
import { tools } from '../../../../parsers/tools/registry.ts';
import type { Objection, Rule } from './define.ts';
import { farmFiles, lockFiles, sharedSettings } from './guarded-names.ts';
import { baseName, type ReadFile, type Reading } from './patch-reading.ts';

type Guard = { readonly rule: string; readonly path: RegExp; readonly why: string };

/** No pattern where there is no name. */
const named = (names: readonly string[]) => fileNames(names) ?? /^(?!)/;
const farm = named(farmFiles);
const settings = named([...tools.flatMap((tool) => tool.settings?.files ?? []), ...sharedSettings]);
const locks = named(lockFiles);

const guards: readonly Guard[] = [
  {
    rule: 'farm_configuration',
    path: /(?:^|\/)\.pre-commit-config\.ya?ml$/i,
    why: 'what is run on every commit is for people to decide',
  },
  { rule: 'farm_configuration', path: farm, why: 'pipelines, hooks and owners are for people to decide' },
  { rule: 'tool_configuration', path: settings, why: 'a finding is mended in the code, not in the settings of a tool' },
];

/** Files that decide how code is judged, and lock files, are not for a patch. */
export const guardedFile: Rule = {
  name: 'guarded_file',
  judge: (patch) => patch.files.flatMap((file) => judgeFile(file, patch)),
};

function judgeFile({ file }: ReadFile, { judged, owned }: Reading): Objection[] {
  const paths = [...new Set([file.path, file.oldPath ?? file.path])];
  const found = paths.flatMap((path) =>
    guards
      .filter((guard) => guard.path.test(path))
      .slice(0, 1)
      .map(({ rule, why }): Objection => ({ rule, path, line: null, why })),
  );
  if (found.length > 0 || paths.every((path) => owned.has(path))) return found;
  if (locks.test(file.path) || locks.test(file.oldPath ?? ''))
    return [
      {
        rule: 'lock_file_changed',
        path: file.path,
        line: null,
        why: `the lock file ${baseName(file.path).slice(0, 100)} is not this method's to change`,
      },
    ];
  if (judged.method !== 'bump') return [];
  return [
    {
      rule: 'file_not_owned',
      path: file.path,
      line: null,
      why: 'a bump changes the manifest and the lock file of its package, and nothing else',
    },
  ];
}
