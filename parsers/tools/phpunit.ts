import type { Tool } from './define.ts';

export const phpunit: Tool = {
  name: 'phpunit',
  documentation: 'https://docs.phpunit.de/en/12.0/configuration.html',
  install: 'composer require --dev phpunit/phpunit',
  programs: ['phpunit', 'paratest', 'simple-phpunit'],
  languages: ['php'],
  exits: { 0: 'all passed', 1: 'failures', 2: 'errors' },
  settings: { files: ['phpunit*.xml*', '.phpunit*.xml*'], lists: ['phpunit*baseline*.xml'] },
  options: {
    selects: '--filter --group --testsuite --covers --uses --test-suffix',
    ignores: '--exclude-filter --exclude-group --exclude-testsuite --use-baseline',
    config: '-c --configuration --bootstrap --generate-baseline',
    lowers: '--no-configuration --ignore-baseline --do-not-fail-on-warning --disable-warnings',
  },
};
