import { silencers, type Tool } from './define.ts';

export const credo: Tool = {
  name: 'credo',
  documentation: 'https://hexdocs.pm/credo/config_comments.html',
  install: 'mix deps.get, with credo in mix.exs',
  programs: ['mix credo'],
  languages: ['elixir'],
  scope: 'file',
  machine: { flag: '--format json', asked: /--format[ =](json|sarif|flycheck|oneline)/ },
  silencers: silencers('elixir', 'inside', [
    [
      'credo : ?disable-for-(?:this|next|previous)-?(?:file|lines?)?',
      'next',
      '# credo:disable-for-next-line',
      { family: 'other', alone: 'declaration' },
    ],
    ['credo : ?disable-for-lines : ?\\d', 'block', '# credo:disable-for-lines:3', { family: 'other' }],
    ['credo : ?disable-for-this-file', 'file', '# credo:disable-for-this-file', { family: 'other' }],
    [
      '(?:coveralls-ignore|sobelow_skip)',
      'block',
      '# coveralls-ignore-start',
      { family: 'other', end: 'coveralls-ignore-stop' },
    ],
  ]),
  settings: {
    files: ['.credo.exs', 'config/.credo.exs', '.formatter.exs', 'coveralls.json', '.sobelow-conf'],
    lists: ['.sobelow-skips', '.dialyzer_ignore*'],
  },
  options: {
    selects: '-c --checks --only --min-priority',
    ignores: '-i --ignore --ignore-checks --files-excluded',
    config: '-C --config-name --config-file',
    lowers: '--mute-exit-status',
  },
};
