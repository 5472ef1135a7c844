import { silencers, type Tool } from './define.ts';

/** The compilers of .NET. A pragma counts until `restore`, an attribute for the declaration that it stands at. */
export const msbuild: Tool = {
  name: 'msbuild',
  documentation: 'https://learn.microsoft.com/dotnet/fundamentals/code-analysis/suppress-warnings',
  install: 'the .NET SDK',
  programs: ['dotnet build', 'dotnet publish', 'dotnet pack', 'dotnet restore', 'dotnet test', 'msbuild'],
  builds: true,
  languages: ['csharp', 'fsharp', 'dotnet', 'vb'],
  exits: { 0: 'no errors', 1: 'errors' },
  silencers: silencers('csharp', 'code', [
    [
      '# pragma warning disable\\b',
      'block',
      '#pragma warning disable CS0168',
      { family: 'pragma', end: '# ?pragma warning restore\\b' },
    ],
    [
      '\\b(?:Unconditional)?SuppressMessage(?:Attribute)?\\b',
      'declaration',
      '[SuppressMessage("Usage", "CA1801")]',
      { family: 'cs-attribute' },
    ],
    [
      '\\bExcludeFromCodeCoverage(?:Attribute)?\\b|\\bGeneratedCode(?:Attribute)? \\(',
      'declaration',
      '[ExcludeFromCodeCoverage]',
      { family: 'cs-attribute' },
    ],
    ['# nullable disable', 'file', '#nullable disable', { family: 'nullable', end: '# nullable (?:enable|restore)' }],
  ]),
  settings: {
    files: [
      '.editorconfig',
      '.globalconfig',
      '*.globalconfig',
      '*.ruleset',
      'stylecop.json',
      '.stylecop.json',
      'Directory.Build.{props,targets}',
    ],
    lists: ['GlobalSuppressions.{cs,vb}'],
    builds: ['global.json', '*.{csproj,fsproj,vbproj}', '*.{props,targets}', '*.sln'],
  },
  options: {
    selects: '-c --configuration -f --framework --warnlevel -warn',
    ignores: '-nowarn -noWarn -p:NoWarn',
    config: '-p --property',
    lowers: '-p:TreatWarningsAsErrors=false',
  },
};
