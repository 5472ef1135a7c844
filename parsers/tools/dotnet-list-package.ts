import type { Tool } from './define.ts';

export const dotnetListPackage: Tool = {
  name: 'dotnet-list-package',
  documentation: 'https://learn.microsoft.com/dotnet/core/tools/dotnet-package-list',
  install: 'the .NET SDK',
  programs: ['dotnet list', 'dotnet package'],
  languages: ['csharp', 'fsharp', 'dotnet', 'vb'],
  exits: { 0: 'it ran, whatever it found' },
  fails: { 1: 'it failed' },
  machine: { flag: '--format json', asked: /--format[ =]json/ },
  settings: {
    files: ['Directory.Build.{props,targets}'],
    builds: ['nuget.config', '*.{csproj,fsproj,vbproj}', '*.{props,targets}'],
  },
  options: { selects: '--framework --source', config: '--config', lowers: '--highest-minor' },
};
