import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, type Evidence, foundIn, type Step, step, suggest, type Tree, way } from './define.ts';
import { type Named, namedLinters } from './detection/linters.ts';
import { at, foldersWith, inside, ownFiles } from './detection/tree.ts';
import { jsonData, objectOf } from './evidence/read-data.ts';
import { shellWord } from './shell-word.ts';

const install = 'composer install --quiet --no-interaction --no-scripts';
const commands = {
  syntax:
    "find . -type d \\( -name vendor -o -name '.?*' \\) -prune -o -type f -name '*.php' -print0 | xargs -0 -n 1 php -l",
  phpstan: `phpstan analyse ${machineFlag('phpstan')} --no-progress --no-interaction`,
  test: 'vendor/bin/phpunit',
  audit: `composer audit --locked ${machineFlag('composer-audit')}`,
};

// phpstan without a configuration: level 0 is what fails in any code.
const lowest = '--level=0';
const packageOf: Readonly<Record<string, string>> = {
  phpstan: 'phpstan/phpstan',
  psalm: 'vimeo/psalm',
  phpcs: 'squizlabs/php_codesniffer',
  'php-cs-fixer': 'friendsofphp/php-cs-fixer',
};

/** PHP: a composer.json. Its own versions of the checkers are used, also those that bamarni's `vendor-bin` keeps apart. */
export const php: Ecosystem = {
  name: 'php',
  suggested: suggest('php', [
    ['test', 'phpunit', commands.test],
    ['lint', 'php', commands.syntax],
    ['lint', 'phpstan', `${commands.phpstan} ${lowest} src`],
    ['audit', 'composer', commands.audit],
  ]),
  find(tree, evidence) {
    const projects = foldersWith(tree, /^composer\.json$/);
    return projects.map((path) => {
      const files = ownFiles(tree, path, projects);
      const manifest = at(path, 'composer.json');
      const wanted = requiredBy(tree, manifest);
      const sources = files.some((file) => file.endsWith('.php'));
      const isCovered = projects.some((outer) => outer !== path && inside(path, outer));
      const pest = wanted.has('pestphp/pest');
      const tested =
        pest || wanted.has('phpunit/phpunit') || files.some((file) => /^phpunit(\.dist)?\.xml(\.dist)?$/.test(file));
      const test = step('test', ['php', 'composer'], pest ? 'vendor/bin/pest' : commands.test, install);
      const named = namedLinters('php', { folder: path, isCovered }, tree, evidence);
      const folder = files.some((file) => /^src\/.*\.php$/.test(file)) ? 'src' : '.';
      const parses = evidence.runs.find(
        ({ words, gate }) => gate && words[0] === 'php' && words.some((word) => /^(-l|--syntax-check)$/.test(word)),
      );
      const analysed = named.some(({ linter }) => /^(phpstan|psalm)$/.test(linter.tool));
      const steps: Step[] = [
        ...(tested ? [foundIn(test, evidence.run('phpunit')?.where ?? manifest)] : []),
        ...ownTests(path, tree, evidence).map(({ command, where }) =>
          foundIn(step('test', ['php', 'composer'], command, install), where),
        ),
        // Who analyses every file parses it too, though not with every version of the language that CI may ask.
        ...(sources && !isCovered && (!analysed || parses)
          ? [foundIn(step('lint', ['php'], commands.syntax), parses?.where)]
          : []),
        ...named.map((one) => namedStep(one, path, tree)),
        ...(sources && !analysed && !isCovered
          ? [step('lint', ['phpstan'], `${commands.phpstan} ${lowest} ${folder}`)]
          : []),
        ...(files.includes('composer.lock')
          ? [foundIn(step('audit', ['composer'], commands.audit), at(path, 'composer.lock'))]
          : []),
      ];
      return { path, language: 'php', steps, timeout_secs: 900 };
    });
  },
};

/** Programs among the tests that CI starts by themselves: `php tests/pathological/test.php`. */
function ownTests(path: string, tree: Tree, { runs }: Evidence): { command: string; where: string }[] {
  return runs.flatMap(({ words: [program, file = '', ...args], folder, gate, where }) => {
    const isTest = /^tests?\/[\w./-]+\.php$/.test(file) && tree.files.includes(at(path, file));
    return gate && program === 'php' && folder === path && isTest
      ? [{ command: ['php', file, ...args].map(shellWord).join(' '), where }]
      : [];
  });
}

function requiredBy(tree: Tree, manifest: string): Set<string> {
  const data = jsonData(tree.text(manifest));
  return new Set(['require', 'require-dev'].flatMap((field) => Object.keys(objectOf(data[field]))));
}

/** From the project's own `vendor`, from a `vendor-bin` beside it, or from the machine. */
function namedStep({ linter, command, found }: Named, path: string, tree: Tree): Step {
  const { tool, program } = linter;
  const name = packageOf[program] ?? '';
  const machine = way([program], command);
  const apart = at(path, `vendor-bin/${program}/composer.json`);
  const vendored = `vendor/bin/${command}`;
  if (requiredBy(tree, at(path, 'composer.json')).has(name))
    return { recipe: 'lint', ways: [way(['php', 'composer'], vendored, install)], found, configured: tool };
  if (!tree.files.includes(apart)) return { recipe: 'lint', ways: [machine], found, configured: tool };
  const prepare = `${install} && composer bin ${program} install --quiet --no-interaction --no-scripts`;
  return { recipe: 'lint', ways: [way(['php', 'composer'], vendored, prepare)], found, configured: tool };
}
