import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { inTempDir } from '../support/farm-parts.ts';
import type { Json } from '../support/http.ts';
import { withPatchParts } from '../support/patch-parts.ts';
import { until } from '../support/until.ts';
import { files, startMortal } from './patch-lane.ts';
import { processesWith, type Service } from './service-process.ts';

const words = ['one', 'two', 'three', 'four'];
const source = words.map((word) => `const ${word} = "worse";\n`).join('');
const subprojects = [{ path: '.', language: 'javascript', lint: 'perl lint.pl # eslint -f json' }];

it('goes on with a patch that waited for a place and was killed while the agent was asked', () => {
  let service: Service | undefined;
  let deadly = false;
  const lines = new Map<string, number>();
  const onCall = (key: string, phase: 'before' | 'after') => {
    if (!deadly || key !== 'agent turn' || phase !== 'before') return undefined;
    deadly = false;
    service?.child.kill('SIGKILL');
    return 'cut' as const;
  };
  const answer = (_prompt: string, { meta }: { meta: Record<string, unknown> }) => {
    const word = words[(lines.get(/(\d+)-\d+$/.exec(String(meta.crafting_table_patch))?.[1] ?? '') ?? 0) - 1];
    const edits = [{ file: 'src/a.js', search: `${word} = "worse"`, replace: `${word} = "fine"` }];
    return JSON.stringify({ edits, explanation: 'It was not good.', confidence: 0.8 });
  };
  return inTempDir((dir) =>
    withPatchParts({ files: { ...files, 'src/a.js': source }, answer, onCall }, async (parts) => {
      const data = mkdtempSync(join(dir, 'data-'));
      const env = { ...parts.env, CRAFTING_PATCHER_POLL_SECS: '1' };
      const attempts = async () => ((await service?.call('/patches'))?.body.patches ?? []) as Json[];
      const opened = async () => (await attempts()).filter(({ status }) => status === 'pr_opened').length;
      try {
        service = await startMortal(data, env);
        await service.call('/projects', { name: 'p', git_url: parts.gitUrl, subprojects });
        const job = (await service.call('/projects/p/jobs', { recipe: 'lint' })).body.job_id;
        let findings: Json[] = [];
        await until(async () => {
          findings = (await service?.call(`/jobs/${job}/findings`))?.body.findings as Json[];
          return findings.length === words.length;
        }, 'the findings');
        for (const { id, line } of findings) lines.set(String(id), line);
        for (const { id } of findings) await service.call(`/jobs/${job}/patches`, { finding_id: id });
        await until(async () => (await opened()) === 3, 'three pull requests');
        deadly = true;
        parts.forge.close(1);
        const { child } = service;
        await until(() => child.signalCode === 'SIGKILL', 'a death while the agent is asked');
        service = await startMortal(data, env);
        await until(async () => (await opened()) === 3, 'the fourth, in the place of the first');
        const fourth = (await attempts()).find(({ sent_back }) => sent_back.length > 0);
        assert.deepEqual([fourth?.status, fourth?.sent_back[0].reason], ['pr_opened', 'reply_lost']);
        assert.equal(parts.forge.pulls.length, 4);
      } finally {
        if (service && service.child.signalCode === null) await service.end('SIGTERM');
      }
      await until(() => processesWith(dir).length === 0, `no process is left of ${dir}`);
    }),
  );
});
