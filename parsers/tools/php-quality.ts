import { silencers, type Tool } from './define.ts';

/** PHP-CS-Fixer, Rector, Infection, and marks of coverage. */
export const phpQuality: Tool = {
  name: 'php-quality',
  documentation: 'https://cs.symfony.com/doc/config.html',
  install: 'composer require --dev friendsofphp/php-cs-fixer',
  programs: ['php-cs-fixer', 'rector', 'infection'],
  languages: ['php'],
  silencers: silencers('php', 'inside', [
    [
      '@codeCoverageIgnore(?!End)\\w{0,10}|@infection-ignore\\w{0,5}|@coversNothing',
      'declaration',
      '// @codeCoverageIgnoreStart',
      { family: 'phpcov', end: '@codeCoverageIgnoreEnd' },
    ],
  ]),
  settings: {
    files: [
      '.php-cs-fixer*',
      'php-cs-fixer*',
      '.php_cs*',
      'infection.json*',
      'rector.php',
      'pint.json',
      'grumphp.yml*',
      'ecs.php',
    ],
    lists: ['.phan/**'],
  },
};
