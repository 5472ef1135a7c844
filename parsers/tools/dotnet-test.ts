import type { Tool } from './define.ts';

export const dotnetTest: Tool = {
  name: 'dotnet-test',
  documentation: 'https://learn.microsoft.com/dotnet/core/tools/dotnet-test',
  install: 'the .NET SDK',
  programs: ['dotnet test', 'dotnet vstest', 'vstest.console.exe'],
  languages: ['csharp', 'fsharp', 'dotnet', 'vb'],
  exits: { 0: 'all passed', 1: 'failures, or it did not build', 2: 'failures, with Microsoft.Testing.Platform' },
  settings: {
    files: ['*.runsettings', 'xunit.runner.json', 'testconfig.json', 'Directory.Build.{props,targets}'],
    builds: ['global.json', '*.{csproj,fsproj,vbproj}', '*.{props,targets}'],
  },
  options: {
    selects: '--filter -f --framework --tests --treenode-filter',
    config: '-s --settings',
    lowers: '-t --list-tests',
  },
};
