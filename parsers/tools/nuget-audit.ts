import type { Tool } from './define.ts';

export const nugetAudit: Tool = {
  name: 'nuget-audit',
  documentation: 'https://learn.microsoft.com/nuget/concepts/auditing-packages',
  install: 'the .NET SDK',
  programs: ['dotnet restore'],
  builds: true,
  languages: ['csharp', 'fsharp', 'dotnet', 'vb'],
  toldBy: ['msbuild'],
  exits: { 0: 'it restored', 1: 'errors' },
  settings: {
    files: ['Directory.Build.{props,targets}'],
    builds: ['nuget.config', '*.{csproj,fsproj,vbproj}', '*.{props,targets}'],
  },
  options: { ignores: '-p:NuGetAuditLevel', config: '--configfile -p' },
};
