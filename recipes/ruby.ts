import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, type Evidence, foundIn, type Step, step, suggest } from './define.ts';
import { namedLinters } from './detection/linters.ts';
import { settingsAbove, settingsHere } from './detection/settings-here.ts';
import { at, foldersWith, inside, ownFiles } from './detection/tree.ts';

const install = 'BUNDLE_PATH=.bundle/gems bundle install --quiet';
const bundled = (command: string) => `BUNDLE_PATH=.bundle/gems bundle exec ${command}`;
const commands = {
  rspec: `rspec ${machineFlag('rspec')}`,
  rubocop: `rubocop ${machineFlag('rubocop')}`,
  audit: `bundler-audit check --update ${machineFlag('bundler-audit')}`,
};

/**
 * Ruby: a Gemfile or a gem. Its own versions of rspec and rubocop are used where the Gemfile names them.
 * Long: an ecosystem is one value, its rows and what it finds.
 */
export const ruby: Ecosystem = {
  name: 'ruby',
  suggested: suggest('ruby', [
    ['test', 'rspec', commands.rspec],
    ['lint', 'rubocop', commands.rubocop],
    ['audit', 'bundler-audit', commands.audit],
  ]),
  find(tree, evidence) {
    const projects = foldersWith(tree, /^(Gemfile|.*\.gemspec)$/);
    return projects.map((path) => {
      const files = ownFiles(tree, path, projects);
      const manifests = files.filter((file) => /^(Gemfile|[^/]*\.gemspec)$/.test(file));
      const wants = (gem: string) =>
        manifests.some((file) => new RegExp(`['"]${gem}['"]`).test(tree.text(at(path, file))));
      const isCovered = projects.some((outer) => outer !== path && inside(path, outer));
      const hasGemfile = files.includes('Gemfile');
      const tool = (recipe: 'test' | 'lint', name: string, command: string): Step =>
        wants(name) && hasGemfile ? step(recipe, ['bundle'], bundled(command), install) : step(recipe, [name], command);
      const rails = files.includes('bin/rails') && wants('rails');
      const minitest =
        files.includes('Rakefile') && files.some((file) => /(^|\/)(test|spec)_[^/]*\.rb$|_(test|spec)\.rb$/.test(file));
      const specs =
        files.some((file) => file.endsWith('_spec.rb')) &&
        (wants('rspec') || wants('rspec-rails') || files.includes('.rspec') || !minitest);
      const called = testTask(path, evidence);
      const task = `rake ${called?.task ?? 'test'}`;
      // RSpec reads its options from the variable too, where a task starts it.
      const asked = specs ? `SPEC_OPTS='${machineFlag('rspec')}' ` : '';
      const rake = hasGemfile
        ? step('test', ['bundle'], `${asked}${bundled(task)}`, install)
        : step('test', ['rake'], `${asked}${task}`);
      const ownTask = called !== null && evidence.run('rspec', path) === null;
      const test = ownTask
        ? [rake]
        : specs
          ? [tool('test', wants('rspec-rails') ? 'rspec-rails' : 'rspec', commands.rspec)]
          : rails
            ? [step('test', ['bundle'], bundled('rails test'), install)]
            : minitest
              ? [rake]
              : [];
      const settings = (isCovered ? settingsHere : settingsAbove)('rubocop', path, tree);
      const gate = evidence.run('rubocop', path);
      const standard = evidence.run('standardrb', path) ?? evidence.run('rake standard', path);
      // Standard is RuboCop with a choice of rules that nobody changes: without it they would be others.
      const isStandard = gate === null && (standard !== null || /\.standard\.yml$/.test(settings ?? ''));
      const cops = settings ?? gate?.where ?? standard?.where;
      const sources = files.some((file) => file.endsWith('.rb'));
      const rubocop = isStandard
        ? tool('lint', 'standard', `standardrb ${machineFlag('rubocop')}`)
        : tool('lint', 'rubocop', cops === undefined ? `${commands.rubocop} --only Lint` : commands.rubocop);
      const steps = [
        ...test.map((one) =>
          foundIn(
            one,
            called?.where ??
              evidence.run('rake', path)?.where ??
              evidence.run('rspec', path)?.where ??
              at(path, hasGemfile ? 'Gemfile' : (manifests[0] ?? '')),
          ),
        ),
        ...(sources && (cops !== undefined || !isCovered)
          ? [cops === undefined ? rubocop : { ...rubocop, found: cops, configured: 'rubocop' }]
          : []),
        ...namedLinters('ruby', { folder: path, isCovered }, tree, evidence).map(({ linter, command, found }) =>
          foundIn(tool('lint', linter.program, command), found),
        ),
        ...(files.includes('Gemfile.lock')
          ? [foundIn(step('audit', ['bundler-audit'], commands.audit), at(path, 'Gemfile.lock'))]
          : []),
      ];
      return { path, language: 'ruby', steps, timeout_secs: 900 };
    });
  },
};

/** The task of Rake with which CI tests, where it has a name of its own. */
function testTask(path: string, { runs }: Evidence): { task: string; where: string } | null {
  const named = /^((all|run)[_:])?(tests?|specs?)([_:](all|unit|suite))?$|^(all|ci)[_:](tests?|specs?)$/;
  const run = runs.find(
    ({ words, folder, gate }) => gate && folder === path && words[0] === 'rake' && named.test(words[1] ?? ''),
  );
  return run === undefined ? null : { task: run.words[1] ?? '', where: run.where };
}
