import type { Tool } from './define.ts';

export const codeclimate: Tool = {
  name: 'codeclimate',
  documentation: 'https://docs.codeclimate.com/docs/advanced-configuration',
  install: 'a service: .codeclimate.yml',
  programs: ['codeclimate', 'qlty'],
  languages: [],
  settings: {
    files: [
      '.codeclimate.{yml,json}',
      '.qlty/**',
      '.codacy.{yml,yaml}',
      '.deepsource.toml',
      '.trunk/**',
      '.mega-linter.yml',
      '.mega-linter.yaml',
    ],
  },
};
