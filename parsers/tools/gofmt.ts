import type { Tool } from './define.ts';

/** No comment silences it, and nothing configures it. */
export const gofmt: Tool = {
  name: 'gofmt',
  documentation: 'https://pkg.go.dev/cmd/gofmt',
  install: 'it comes with Go',
  programs: ['gofmt', 'go fmt', 'goimports', 'gofumpt'],
  languages: ['go'],
  scope: 'file',
  exits: { 0: 'it ran; -d since Go 1.24: all is formatted', 1: 'some is not' },
  fails: { 2: 'it failed' },
  options: { selects: '-local -lang -modpath' },
};
