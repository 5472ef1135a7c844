import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixCommand } from '../../../../../services/patcher/rules/drafting/rerun-command.ts';

const finding = (tool: string, code: string, file: string) => ({ tool, code, tool_code: null, file });

test('a tool that prints no edits is run again for one rule and one file', () => {
  const rubocop = fixCommand(finding('rubocop', 'Style/StringLiterals', 'app/a b.rb'), 'app');
  assert.deepEqual(rubocop, {
    command: "rubocop --autocorrect --only Style/StringLiterals 'a b.rb' || [ $? -eq 1 ]",
    toolNeeded: 'rubocop',
  });
  const phpcs = fixCommand(finding('phpcs', 'PSR12.Files.FileHeader.SpacingAfterBlock', 'a.php'), '.');
  assert.equal(phpcs?.command, 'phpcbf --sniffs=PSR12.Files.FileHeader a.php || [ $? -eq 1 ]');
  assert.equal(fixCommand(finding('ktlint', 'standard:indent', 'A.kt'), '.')?.command, 'ktlint -F A.kt');
});

test('it is started as the recipe starts it', () => {
  const cop = finding('rubocop', 'Layout/IndentationWidth', 'a.rb');
  assert.match(
    fixCommand(cop, '.', 'bundle exec rubocop -f json')?.command ?? '',
    /^bundle exec rubocop --autocorrect/,
  );
  const sniff = finding('phpcs', 'PSR2.Classes.ClassDeclaration', 'a.php');
  assert.equal(
    fixCommand(sniff, '.', 'vendor/bin/phpcs --standard=PSR12 --report=json .')?.command,
    'vendor/bin/phpcbf --standard=PSR12 --sniffs=PSR2.Classes.ClassDeclaration a.php || [ $? -eq 1 ]',
  );
});

test('there is none for other tools, for names that are no rules, and for files that are not there to be mended', () => {
  for (const [tool, code, file] of [
    ['clang-tidy', 'modernize-use-nullptr', 'a.cpp'],
    ['constructor', 'a', 'a.rb'],
    ['rubocop', 'Style/X; rm -rf .', 'a.rb'],
    ['rubocop', '$(id)/X', 'a.rb'],
    ['rubocop', '--require', 'a.rb'],
    ['rubocop', 'Style/X', 'a.py'],
    ['rubocop', 'Style/X', '../a.rb'],
    ['rubocop', 'Style/X', '/etc/a.rb'],
    ['rubocop', 'Style/X', '*.rb'],
    ['phpcs', 'PSR12.Files', 'a.php'],
    ['phpcs', 'Internal.Exception', 'a.php'],
    ['ktlint', 'standard:indent', '{a,b}.kt'],
  ] as const)
    assert.equal(fixCommand(finding(tool, code, file), '.'), null, `${tool} ${code} ${file}`);
  assert.equal(fixCommand(finding('rubocop', 'Style/X', 'other/a.rb'), 'app'), null);
  assert.equal(fixCommand({ tool: 'rubocop', code: null, tool_code: null, file: 'a.rb' }, '.'), null);
});

test('a name with signs of the shell in it is one word of the command', () => {
  const command = fixCommand(finding('rubocop', 'Style/X', "$(touch x)'; -a.rb"), '.')?.command;
  assert.equal(command, "rubocop --autocorrect --only Style/X '$(touch x)'\\''; -a.rb' || [ $? -eq 1 ]");
});
