import { silencers, type Tool } from './define.ts';

/** Platforms whose comments count in what they scan: KICS, Terrascan, Snyk, Bearer. */
export const kics: Tool = {
  name: 'kics',
  documentation: 'https://docs.kics.io/latest/running-kics/',
  install: 'the image checkmarx/kics',
  programs: ['kics', 'terrascan', 'snyk', 'bearer'],
  languages: [],
  scope: 'file',
  silencers: silencers(null, 'inside', [
    [
      '\\b(?:kics-scan|terrascan|snyk) : ?(?:ignore|skip)|kics-scan ignore',
      'line',
      '# kics-scan ignore-line',
      { family: 'tfsec', alone: 'declaration' },
    ],
    [
      '\\bkics-scan (?:disable|enable|ignore-block)',
      'file',
      '# kics-scan disable=ffdf4b37-7703-4dfe-a682-9d2e99bc6c09',
      { family: 'tfsec' },
    ],
    ['\\bbearer : ?disable', 'line', '# bearer:disable', { family: 'bearer', alone: 'declaration' }],
  ]),
  settings: {
    files: ['kics.config', 'kics.{json,yml,yaml,toml,hcl}', '.kics.{yml,yaml}', 'bearer.yml', '.snyk'],
    lists: ['bearer.ignore'],
  },
};
