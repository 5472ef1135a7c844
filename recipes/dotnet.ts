import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, step, suggest } from './define.ts';
import { at, foldersWith, ownFiles, uncovered } from './detection/tree.ts';
import { shellWord } from './shell-word.ts';

const manifest = /\.(slnx?|csproj|fsproj)$/;
const commands = (target: string) => ({
  build: `dotnet build ${target}--nologo -clp:NoSummary`,
  test: `dotnet test ${target}--nologo`,
  audit: `dotnet restore ${target}--nologo && dotnet list ${target}package --vulnerable --include-transitive ${machineFlag('dotnet-list-package')}`,
});

/** .NET: a solution stands for all projects beneath it. */
export const dotnet: Ecosystem = {
  name: 'dotnet',
  suggested: ['csharp', 'fsharp'].flatMap((language) =>
    suggest(language, [
      ['build', 'dotnet', commands('').build],
      ['test', 'dotnet', commands('').test],
      ['audit', 'dotnet', commands('').audit],
    ]),
  ),
  find(tree) {
    const solved = new Set(foldersWith(tree, /\.slnx?$/));
    return uncovered(foldersWith(tree, manifest), (outer) => solved.has(outer)).flatMap((path) => {
      const files = ownFiles(tree, path, []);
      const here = files.filter((file) => manifest.test(file) && !file.includes('/'));
      // Named, because dotnet refuses to choose where a folder holds several.
      const target = here.find((file) => /\.slnx?$/.test(file)) ?? here[0];
      if (target === undefined) return [];
      const projects = files.filter((file) => /\.(csproj|fsproj)$/.test(file));
      const tested = projects.some((file) =>
        /Microsoft\.NET\.Test\.Sdk|xunit|nunit|mstest/i.test(tree.text(at(path, file))),
      );
      const { build, test, audit } = commands(`${shellWord(target)} `);
      const fsharp = projects.length > 0 && projects.every((file) => file.endsWith('.fsproj'));
      const steps = [
        step('build', ['dotnet'], build),
        ...(tested ? [step('test', ['dotnet'], test)] : []),
        step('audit', ['dotnet'], audit),
      ];
      return [{ path, language: fsharp ? 'fsharp' : 'csharp', steps, timeout_secs: 1800 }];
    });
  },
};
