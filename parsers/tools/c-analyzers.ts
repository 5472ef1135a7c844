import { silencers, type Tool } from './define.ts';

/** Analysers of C and C++ that are known by their comments: Coverity, PVS-Studio, Flawfinder, PC-lint, include-what-you-use. */
export const cAnalyzers: Tool = {
  name: 'c-analyzers',
  documentation: 'https://dwheeler.com/flawfinder/flawfinder.pdf',
  install: 'pip install flawfinder',
  programs: ['flawfinder', 'cov-analyze', 'pvs-studio-analyzer', 'include-what-you-use'],
  languages: ['c', 'cpp', 'c++'],
  silencers: silencers('c cpp', 'inside', [
    [
      '\\b(?:coverity \\[|PVS-Studio|flawfinder : ignore|ignore-nolint|lint -e|IWYU pragma : keep|Flawfinder)|(?<![\\w-])-V\\d{3}',
      'line',
      '// flawfinder: ignore',
      { family: 'c-misc', alone: 'next' },
    ],
  ]),
  settings: { files: ['.pvsconfig', 'coverity.{yml,yaml,conf}'], lists: ['*.suppress.cfg'] },
};
