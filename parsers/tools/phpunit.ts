import type { Tool } from './define.ts';
import { pathsOf } from './settings-paths.ts';

export const phpunit: Tool = {
  name: 'phpunit',
  documentation: 'https://docs.phpunit.de/en/12.0/configuration.html',
  install: 'composer require --dev phpunit/phpunit',
  programs: ['phpunit', 'paratest', 'simple-phpunit'],
  languages: ['php'],
  exits: { 0: 'all passed', 1: 'failures', 2: 'errors' },
  settings: { files: ['phpunit*.xml*', '.phpunit*.xml*'], lists: ['phpunit*baseline*.xml'] },
  paths: {
    files: ['phpunit.xml', 'phpunit.xml.dist'],
    read: (text) => [
      ...pathsOf(
        'hook',
        [...text.matchAll(/\b(?:bootstrap|extension[^>]{0,40}class|printerFile)="([^"\n]{1,300})"/g)].map(
          ([, one = '']) => one,
        ),
      ),
      ...pathsOf(
        'test',
        [...text.matchAll(/<testsuite\b[\s\S]{0,4000}?<\/testsuite>/g)].flatMap(([suite]) =>
          [...suite.matchAll(/<(?:directory|file)[^>]{0,200}>([^<]{1,300})</g)].map(([, one = '']) => one.trim()),
        ),
      ),
    ],
  },
  options: {
    selects: '--filter --group --testsuite --covers --uses --test-suffix',
    ignores: '--exclude-filter --exclude-group --exclude-testsuite --use-baseline',
    config: '-c --configuration --bootstrap --generate-baseline',
    lowers: '--no-configuration --ignore-baseline --do-not-fail-on-warning --disable-warnings',
  },
};
