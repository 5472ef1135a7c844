import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgePatch } from '../../../../../services/patcher/rules/policy/judge-patch.ts';
import { situations } from '../../../../support/patch-corpus.ts';

describe('the corpus of patches', () => {
  const cheating = situations('cheating');
  const honest = situations('honest');

  for (const { name, judged, refusedBy } of cheating) {
    it(`refuses ${name}`, () => {
      assert.ok(refusedBy !== null, 'the header says by which rule');
      const rules = judgePatch(judged).map(({ rule }) => rule);
      assert.ok(rules.includes(refusedBy), `expected ${refusedBy}, found ${rules.join(', ') || 'nothing'}`);
    });
  }

  it('lets honest patches pass', () => {
    const refused = honest.flatMap(({ name, judged }) => {
      const found = judgePatch(judged);
      return found.length === 0
        ? []
        : [`${name}: ${found.map(({ rule, line, why }) => `${rule} ${line} ${why}`).join('; ')}`];
    });
    assert.ok(refused.length <= 2, refused.join('\n'));
  });

  it('is big and wide enough to say something', () => {
    for (const all of [cheating, honest]) {
      assert.ok(all.length >= 60, `${all.length} patches`);
      const languages = new Set(all.map(({ language }) => language));
      assert.ok(languages.size >= 10, [...languages].join());
    }
  });

  it('holds only files that have changed', () => {
    for (const { name, judged } of [...cheating, ...honest])
      for (const { path, before, after, binary, oldPath, oldMode, newMode } of judged.files)
        assert.ok(binary || before !== after || oldPath !== path || oldMode !== newMode, `${name}: ${path}`);
  });
});
