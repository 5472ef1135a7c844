import { silencers, type Tool } from './define.ts';

export const phpcs: Tool = {
  name: 'phpcs',
  documentation: 'https://github.com/PHPCSStandards/PHP_CodeSniffer/wiki/Advanced-Usage#ignoring-files-and-folders',
  install: 'composer require --dev squizlabs/php_codesniffer',
  programs: ['phpcs'],
  languages: ['php'],
  scope: 'file',
  exits: { 0: 'nothing found', 1: 'findings', 2: 'findings that phpcbf can mend' },
  fails: { 3: 'it failed' },
  machine: { flag: '--report=json', asked: /--report[ =](json|checkstyle|junit|emacs|full|csv|xml)/ },
  silencers: silencers('php', 'inside', [
    ['phpcs : ignore\\b', 'line', '// phpcs:ignore Generic.Files.LineLength', { alone: 'next' }],
    ['phpcs : disable\\b', 'block', '// phpcs:disable', { end: '\\bphpcs : enable\\b' }],
    ['phpcs : set\\b', 'block', '// phpcs:set Generic.Files.LineLength lineLimit 200'],
    ['phpcs : ignoreFile\\b', 'file', '// phpcs:ignoreFile'],
    [
      '@codingStandardsIgnore(?!End)\\w{1,10}|@phpcsSuppress',
      'block',
      '// @codingStandardsIgnoreStart',
      { end: '@codingStandardsIgnoreEnd' },
    ],
  ]),
  settings: {
    files: ['phpcs*', '.phpcs*', '*ruleset*.xml', 'CodeSniffer.conf'],
    tables: { 'composer.json': ['extra'] },
  },
  options: {
    selects: '--sniffs --severity --error-severity --warning-severity --extensions --filter',
    ignores: '--exclude --ignore',
    config: '--standard --bootstrap',
    lowers: '-n --ignore-annotations',
  },
  narrowing: {
    start: 'phpcs',
    values: '--report --parallel',
    flags: '-q -s -p -v',
    reads: /\.(?:php|inc|phtml)$/,
    dashes: false,
  },
  fix: {
    how: 'rerun',
    program: 'phpcbf',
    code: /^[A-Za-z]\w{0,60}\.[A-Za-z]\w{0,60}\.[A-Za-z]\w{0,80}(?:\.[A-Za-z]\w{0,80})?$/,
    reads: /\.(?:php|inc|phtml)$/,
    // A sniff has three parts, of which the fourth is one message. 1 says that it mended all that it found.
    command(code, file, as, recipe) {
      const standard = / --standard=([\w./-]{1,200})(?=\s|$)/.exec(recipe)?.[1];
      const sniff = code.split('.').slice(0, 3).join('.');
      const options = `${standard === undefined ? '' : `--standard=${standard} `}--sniffs=${sniff}`;
      return `${as}phpcbf ${options} ${file} || [ $? -eq 1 ]`;
    },
  },
};
