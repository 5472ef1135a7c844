import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tools } from '../../../../../parsers/tools/registry.ts';
import { grammarNames } from '../../../../../services/floor/text/syntax-tree.ts';
import { openGrammars } from '../../../../../services/io/syntax/grammars.ts';
import { judgePatch as judgeBy } from '../../../../../services/patcher/rules/policy/judge-patch.ts';
import type { Judged } from '../../../../../services/patcher/rules/policy/reading/judged-patch.ts';
import { documentedSilencers, settingExamples, silencedSource } from '../../../../support/tool-examples.ts';

const parse = await openGrammars(grammarNames);
const judgePatch = (judged: Judged) => judgeBy(judged, parse);

const change = { binary: false, oldMode: null, newMode: null, oldPath: null, added: 1, removed: 0 } as const;

function refusals(path: string, before: string | null, after: string): string[] {
  const status = before === null ? ('added' as const) : ('modified' as const);
  const file = { ...change, path, status, before, after };
  return judgePatch({ files: [file], subproject: '.', method: 'agent' }).map(({ rule }) => rule);
}

const guarded = new Set(['tool_configuration', 'farm_configuration', 'judge_file', 'dependency_changed', 'new_file']);

test('every comment that silences a tool is refused, behind a line and on the line before', () => {
  const missed: string[] = [];
  for (const { name, silencers = [] } of tools) {
    for (const silencer of silencers) {
      const { path, line } = silencedSource(silencer);
      const around = (text: string) => `${text}\n${line.replace('total', 'other')}\n`;
      const behind = refusals(path, around(line), around(`${line} ${silencer.example}`));
      const above = refusals(path, around(line), around(`${silencer.example}\n${line}`));
      if (![...behind, ...above].includes('suppression_added')) missed.push(`${name}: ${silencer.example} in ${path}`);
    }
  }
  assert.deepEqual(missed, []);
});

test('comments are refused as the pages of the tools have them', () => {
  const missed = documentedSilencers.filter(({ path, line, comment, behind }) => {
    const around = (text: string) => `${text}\n${line.replace('total', 'other')}\n`;
    const rules = refusals(path, around(line), around(behind === true ? `${line} ${comment}` : `${comment}\n${line}`));
    return !rules.some((rule) => rule === 'suppression_added' || rule === 'generated_marker' || guarded.has(rule));
  });
  assert.deepEqual(missed, []);
});

test('every file and table that configures a tool, or keeps it quiet, is refused', () => {
  for (const tool of tools) {
    for (const { path, before, after } of settingExamples(tool)) {
      const rules = refusals(path, before, after);
      assert.ok(
        rules.some((rule) => guarded.has(rule)),
        `${tool.name}: ${path} with ${after}, found ${rules.join()}`,
      );
    }
  }
});
