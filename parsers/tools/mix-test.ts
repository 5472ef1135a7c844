import type { Tool } from './define.ts';

export const mixTest: Tool = {
  name: 'mix-test',
  documentation: 'https://hexdocs.pm/mix/Mix.Tasks.Test.html',
  install: 'it comes with Elixir',
  programs: ['mix test'],
  languages: ['elixir'],
  exits: { 0: 'all passed', 1: 'it failed, and says so', 2: 'some failed' },
  settings: { files: ['test/test_helper.exs', 'config/test.exs'], builds: ['mix.exs'] },
  options: { selects: '--only --include --failed --stale', ignores: '--exclude', lowers: '--max-failures' },
};
