import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, type Step, step, suggest } from './define.ts';
import { at, foldersWith, ownFiles } from './detection/tree.ts';

const install = 'BUNDLE_PATH=.bundle/gems bundle install --quiet';
const bundled = (command: string) => `BUNDLE_PATH=.bundle/gems bundle exec ${command}`;
const commands = {
  rspec: `rspec ${machineFlag('rspec')}`,
  rubocop: `rubocop ${machineFlag('rubocop')}`,
  audit: `bundler-audit check --update ${machineFlag('bundler-audit')}`,
};

/** Ruby: a Gemfile or a gem. Its own versions of rspec and rubocop are used where the Gemfile names them. */
export const ruby: Ecosystem = {
  name: 'ruby',
  reads: /^(Gemfile|.*\.gemspec)$/,
  suggested: suggest('ruby', [
    ['test', 'rspec', commands.rspec],
    ['lint', 'rubocop', commands.rubocop],
    ['audit', 'bundler-audit', commands.audit],
  ]),
  find(tree) {
    const projects = foldersWith(tree, /^(Gemfile|.*\.gemspec)$/);
    return projects.map((path) => {
      const files = ownFiles(tree, path, projects);
      const manifests = files.filter((file) => /^(Gemfile|[^/]*\.gemspec)$/.test(file));
      const wants = (gem: string) =>
        manifests.some((file) => new RegExp(`['"]${gem}['"]`).test(tree.text(at(path, file))));
      const tool = (recipe: 'test' | 'lint', name: string, command: string): Step =>
        wants(name) && files.includes('Gemfile')
          ? step(recipe, ['bundle'], bundled(command), install)
          : step(recipe, [name], command);
      const specs = files.some((file) => file.endsWith('_spec.rb'));
      const tests = files.includes('Rakefile') && files.some((file) => /(^|\/)test_[^/]*\.rb$|_test\.rb$/.test(file));
      const steps = [
        ...(specs ? [tool('test', 'rspec', commands.rspec)] : tests ? [tool('test', 'rake', 'rake test')] : []),
        ...(files.some((file) => file.endsWith('.rb')) ? [tool('lint', 'rubocop', commands.rubocop)] : []),
        ...(files.includes('Gemfile.lock') ? [step('audit', ['bundler-audit'], commands.audit)] : []),
      ];
      return { path, language: 'ruby', steps, timeout_secs: 900 };
    });
  },
};
