import { silencers, type Tool } from './define.ts';

/** Coverage by marks in comments: lcov, gcovr, grcov, kcov. */
export const lcov: Tool = {
  name: 'lcov',
  documentation: 'https://gcovr.com/en/stable/guide/exclusion-markers.html',
  install: 'apt-get install lcov',
  programs: ['lcov', 'gcovr', 'kcov'],
  languages: ['c', 'cpp'],
  silencers: silencers(null, 'inside', [
    ['\\b(?:LCOV|GCOVR?|GRCOV)_EXCL_(?:BR_)?LINE\\b', 'line', '// LCOV_EXCL_LINE'],
    [
      '\\b(?:LCOV|GCOVR?|GRCOV)_EXCL_(?:BR_)?START\\b',
      'block',
      '// LCOV_EXCL_START',
      { end: '\\b(?:LCOV|GCOVR?|GRCOV)_EXCL_(?:BR_)?STOP\\b' },
    ],
    ['\\b(?:kcov|cov|coverage) : ?-? ?ignore', 'line', '# coverage: ignore', { family: 'coverage' }],
  ]),
  settings: { files: ['.lcovrc', 'lcovrc', 'gcovr.cfg'] },
};
