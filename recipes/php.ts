import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, step, suggest } from './define.ts';
import { at, foldersWith, ownFiles } from './detection/tree.ts';

const install = 'composer install --quiet --no-interaction --no-scripts';
const commands = {
  syntax:
    "find . -type d \\( -name vendor -o -name '.?*' \\) -prune -o -type f -name '*.php' -print0 | xargs -0 -n 1 php -l",
  phpstan: `phpstan analyse ${machineFlag('phpstan')} --no-progress --no-interaction`,
  test: 'vendor/bin/phpunit',
  audit: `composer audit --locked ${machineFlag('composer-audit')}`,
};

/** PHP: a composer.json. phpstan is asked for level 5 of `src` where the project does not say what it wants. */
export const php: Ecosystem = {
  name: 'php',
  reads: /^composer\.json$/,
  suggested: suggest('php', [
    ['test', 'phpunit', commands.test],
    ['lint', 'php', commands.syntax],
    ['lint', 'phpstan', `${commands.phpstan} --level=5 src`],
    ['audit', 'composer', commands.audit],
  ]),
  find(tree) {
    const projects = foldersWith(tree, /^composer\.json$/);
    return projects.map((path) => {
      const files = ownFiles(tree, path, projects);
      const wants = (name: string) => tree.text(at(path, 'composer.json')).includes(`"${name}"`);
      const sources = files.some((file) => file.endsWith('.php'));
      const configured = files.some((file) => /^phpstan(\.dist)?\.neon(\.dist)?$/.test(file));
      const folder = files.some((file) => /^src\/.*\.php$/.test(file)) ? 'src' : '.';
      const stan = configured ? commands.phpstan : `${commands.phpstan} --level=5 ${folder}`;
      const own = wants('phpstan/phpstan');
      const steps = [
        ...(wants('phpunit/phpunit') ? [step('test', ['php', 'composer'], commands.test, install)] : []),
        ...(sources ? [step('lint', ['php'], commands.syntax)] : []),
        ...(sources && own ? [step('lint', ['php', 'composer'], `vendor/bin/${stan}`, install)] : []),
        ...(sources && !own ? [step('lint', ['phpstan'], stan)] : []),
        ...(files.includes('composer.lock') ? [step('audit', ['composer'], commands.audit)] : []),
      ];
      return { path, language: 'php', steps, timeout_secs: 900 };
    });
  },
};
