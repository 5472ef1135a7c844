import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { recipeNames } from '../../events/fields.ts';
import { suggestedCommands } from '../../recipes/detection/detect.ts';
import { ecosystems } from '../../recipes/registry.ts';

const beside = ['define.ts', 'registry.ts', 'sample-repository.ts', 'shell-word.ts'];

test('the registry lists the units of the folder, in alphabetical order', () => {
  const files = readdirSync(new URL('../../recipes', import.meta.url)).filter((name) => name.endsWith('.ts'));
  const units = files.filter((name) => !beside.includes(name)).map((name) => name.replace(/\.ts$/, ''));
  assert.deepEqual(
    ecosystems.map(({ name }) => name),
    units.sort(),
  );
});

test('every unit suggests commands that name their tool, for languages that no other unit claims', () => {
  for (const unit of ecosystems) {
    assert.ok(unit.suggested.length > 0, unit.name);
    for (const { language, recipe, tool, command } of unit.suggested) {
      assert.match(language, /^[a-z]+$/);
      assert.ok(recipeNames.includes(recipe));
      assert.ok(command.includes(tool.replace('cargo-', 'cargo ')), `${tool}: ${command}`);
    }
  }
  const claims = ecosystems.flatMap((unit) => [...new Set(unit.suggested.map(({ language }) => language))]);
  assert.equal(new Set(claims).size, claims.length);
});

test('suggested commands can be asked for by language', () => {
  const rows = suggestedCommands('go');
  assert.ok(rows.some(({ recipe, command }) => recipe === 'audit' && command === 'govulncheck -json ./...'));
  assert.ok(rows.every(({ language }) => language === 'go'));
  assert.ok(suggestedCommands().length > rows.length);
  assert.deepEqual(suggestedCommands('cobol'), []);
});
