import { identifier } from '../registry-line.ts';

/** A world of languages: which files show it, and what is run for it. */
export const ecosystemSkeleton = (name: string) => `import { type Ecosystem, step, suggest } from './define.ts';
import { foldersWith } from './detection/tree.ts';

const commands = { build: '${name} build', test: '${name} test' };

/** Say here what it is, and which tools it stands on. */
export const ${identifier(name)}: Ecosystem = {
  name: '${name}',
  suggested: suggest('${name}', [
    ['build', '${name}', commands.build],
    ['test', '${name}', commands.test],
  ]),
  find(tree) {
    return foldersWith(tree, /^${name}\\.manifest$/).map((path) => ({
      path,
      language: '${name}',
      steps: [step('build', ['${name}'], commands.build), step('test', ['${name}'], commands.test)],
      timeout_secs: 900,
    }));
  },
};
`;

export const ecosystemTestSkeleton = (name: string) => `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detect } from '../../recipes/detection/detect.ts';
import { writtenFiles } from './written-files.ts';

test('a folder with a manifest of ${name} has its commands, where its tools are installed', async (t) => {
  const folder = await writtenFiles(t, { 'lib/${name}.manifest': '' });
  const { subprojects } = await detect(folder, { has: () => true });
  assert.deepEqual(
    subprojects.map(({ path, language, build, test }) => [path, language, build, test]),
    [['lib', '${name}', '${name} build', '${name} test']],
  );
  const { skipped } = await detect(folder, { has: () => false });
  assert.deepEqual([...new Set(skipped.map(({ why }) => why))], ['${name} is not installed']);
});
`;
