import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { levelTrouble } from '../services/io/sandbox/cell-scene.ts';
import { inTempDir } from '../support/farm-parts.ts';
import type { Json } from '../support/http.ts';
import { mendingLinter } from '../support/mending-linter.ts';
import { lintSubproject } from '../support/patch-life.ts';
import { withPatchParts } from '../support/patch-parts.ts';
import { thorough } from '../support/thorough.ts';
import { until } from '../support/until.ts';
import { forgeEnv, forgeStageEnv, label, repository } from '../support/work-stage.ts';
import { startMortal } from './patch-lane.ts';
import { processesWith, type Service } from './service-process.ts';

const skip = (await levelTrouble('bwrap')) ?? false;

/** Once it was reviewed it speaks, each time that it begins again, and has another name. A bottle begins again once, no more. */
const program = `
if [ -f "$CRAFTING_SESSION_DIR/memory" ]; then
  bottle post_comment number=2 body='I rename it.'
  sed -i s/total/sum/ src/total.js
else
  echo 'const total = 1;' > src/total.js
  echo remembered > "$CRAFTING_SESSION_DIR/memory"
fi
bottle signal_done status=success summary='It is done.'
`;

const files = { 'lint.pl': mendingLinter(), 'src/ok.js': 'const ok = 1;\n' };
/** In the order of the work: how it stands, what its agent says, and the answer in the thread of a review. */
const deadlyOn = {
  gitea: [
    'gitea POST /repos/{owner}/{repo}/issues/{index}/comments',
    'gitea POST /repos/{owner}/{repo}/issues/{index}/comments',
    'gitea POST /repos/{owner}/{repo}/pulls/{index}/reviews',
  ],
  github: [
    'github POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
    'github POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
    'github POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies',
  ],
} as const;

for (const on of thorough ? (['gitea', 'github'] as const) : (['gitea'] as const))
  test(`a farm that is killed after each thing that it says on ${on}, before the event of it, says nothing twice`, {
    skip,
  }, () => {
    let service: Service | undefined;
    const deadly = deadlyOn[on];
    const left: string[] = [...deadly];
    const onCall = (key: string, phase: 'before' | 'after') => {
      if (phase !== 'after' || key !== left[0] || service === undefined) return undefined;
      left.shift();
      service.child.kill('SIGKILL');
      return 'cut' as const;
    };
    return inTempDir((dir) =>
      withPatchParts({ files, onCall }, async (parts) => {
        const { forge, gitUrl, env } = parts;
        const data = mkdtempSync(join(dir, 'data-'));
        const settings = {
          ...{ ...env, ...forgeEnv(on, parts), ...forgeStageEnv },
          ...{ CRAFTING_SANDBOX: 'bwrap', CRAFTING_ORCHESTRATOR_POLL_SECS: '1' },
        };
        const again = async (dead: number) => {
          await until(() => left.length === deadly.length - dead && service?.child.signalCode === 'SIGKILL', `${dead}`);
          service = await startMortal(data, settings);
        };
        const work = async () => (await service?.call('/work/p-1'))?.body.work as Json;
        try {
          service = await startMortal(data, settings);
          const agents = { implementer: { program, time_limit_secs: 120 } };
          const orchestrate = { agents: ['implementer'] };
          const project = { name: 'p', git_url: gitUrl, subprojects: [lintSubproject], agents, orchestrate };
          assert.equal((await service.call('/projects', project)).status, 201);
          forge.talk.join('acme', 'ann');
          forge.talk.label(forge.openIssue(repository, { title: 'Totals' }), label, 'ann');
          await again(1);
          await until(async () => (await work()).state === 'in_review', 'a pull request');
          const lines = [{ path: 'src/total.js', line: 1, body: 'call it sum' }];
          forge.talk.review(repository, 2, { author: 'ann', state: 'REQUEST_CHANGES', lines });
          await again(2);
          await again(3);
          await until(async () => {
            const { state, turn, asked } = await work();
            return state === 'in_review' && turn === 2 && asked.length === 0;
          }, 'an answer');
          assert.deepEqual(
            forge.talk.comments
              .filter(({ author }) => author === 'crafting-table')
              .map(({ place, path, body }) => [
                place,
                path,
                /^(\*\*crafting-table\*\*|> I rename|The branch)/.exec(body)?.[0],
              ]),
            [
              ['issue', null, '**crafting-table**'],
              ['pull', null, '> I rename'],
              ['pull', 'src/total.js', 'The branch'],
            ],
          );
          assert.equal(forge.pulls.length, 1);
          const events = (await service.events()).map(({ type }) => type);
          const count = (type: string) => events.filter((one) => one === type).length;
          const once = ['IssueClaimed', 'WorkStatusPosted', 'PrOpened', 'ReviewCommented', 'ReviewAnswered'];
          assert.deepEqual(once.map(count), [1, 1, 1, 1, 1]);
          assert.equal(count('AgentRunEnded'), 2);
        } finally {
          if (service && service.child.signalCode === null) await service.end('SIGTERM');
        }
        await until(() => processesWith(dir).length === 0, 'no process is left');
      }),
    );
  });
