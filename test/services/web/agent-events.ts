import type { Draft } from '../../../events/registry.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import type { TestFarm } from '../../support/farm.ts';
import { until } from '../../support/until.ts';

/** Texts of agents, forges and people, one after the other. */
export type Saying = () => string;

export const bottleIdOf = (number: number) => `01jzq0w4m8v2x6c1d3e5f${String(number).padStart(5, '0')}`;

/** What agents of a project left on the log: one at work, one cut off, one that is done for an issue; usage and budgets. */
export async function tellOfAgents(
  { store, http }: Pick<TestFarm, 'store' | 'http'>,
  { project, owner, job_id, say }: { project: string; owner: string; job_id: string; say: Saying },
): Promise<void> {
  const [working, cut, done] = [bottleIdOf(1), bottleIdOf(2), bottleIdOf(3)];
  const work_id = `${project}-17`;
  const spender = { agent: 'fixer', project, owner };
  const asked = { ...spender, subproject: null, session: null, requested_by: 'ann' };
  const issue = { kind: 'issue', repository: 'acme/app', issue: 17 } as const;
  const diff = await store.bottles.put(
    Buffer.from(
      `diff --git a/a.js b/a.js\n--- a/a.js\n+++ b/a.js\n@@ -1 +1,2 @@\n const a = 1;\n+${say().replaceAll(/[\r\n]/g, ' ')}\n`,
    ),
  );
  const metered = (number: number, tokens: number): Draft<'TokensMetered'> =>
    sampleDraft('TokensMetered', bottleIdOf(50 + number), {
      ...{ ...spender, bottle_id: bottleIdOf(number), attempt_id: bottleIdOf(number), provider: 'anthropic' },
      ...{ model: say().slice(0, 200) || 'a model', money: { nano_usd: tokens * 3_000, prices: '2025-11-24' } },
      usage: {
        ...{ input_tokens: tokens, cache_read_tokens: tokens * 4, cache_write_tokens: 0 },
        ...{ output_tokens: tokens / 10, reasoning_tokens: 0, tool_calls: 0 },
      },
    });
  const budget = (level: 'project' | 'attempt', of: string, limit: number): Draft<'BudgetSet'> =>
    sampleDraft('BudgetSet', `${level}:${of}:tokens:${level === 'attempt' ? 'attempt' : 'month'}`, {
      ...{ level, of, unit: 'tokens', per: level === 'attempt' ? 'attempt' : 'month', owner, project, limit },
      ...{ policy: 'freeze', by: 'ann' },
    });
  const stopped = { bottle_id: cut, project, agent: 'fixer' };
  const of = { work_id, project };
  const drafts: readonly Draft[] = [
    sampleDraft('IssueTargeted', work_id, {
      ...{ ...of, owner, repository: 'acme/app', issue: 17, issue_url: 'https://forge.example/acme/app/issues/17' },
      ...{ title: say().slice(0, 255), agent: 'fixer', by: 'ann', because: say().slice(0, 512) || 'ann is a member' },
      ...{ budget_tokens: 200_000, instructions: say().slice(0, 4096) },
    }),
    sampleDraft('IssueClaimed', work_id, { ...of, round: 1 }),
    sampleDraft('WorkTurnAsked', work_id, { ...of, round: 1, turn: 1, why: 'issue', bottle_id: done, comments: [] }),
    ...[working, cut, done].flatMap((bottle_id, at): Draft[] => [
      sampleDraft('AgentRunRequested', bottle_id, {
        ...{
          ...asked,
          bottle_id,
          prompt: say().slice(0, 100_000) || 'Go.',
          work: at === 2 ? issue : { kind: 'manual' },
        },
      }),
      sampleDraft('AgentRunStarted', bottle_id, { bottle_id, project, job_id }),
      sampleDraft('BottleCalled', bottle_id, {
        ...{ bottle_id, project, job_id, call: 1, words: say().slice(0, 1024) || 'read #17', refused: at === 1 },
      }),
      budget('attempt', bottle_id, 200_000),
      metered(at + 1, 10_000 * (at + 1)),
    ]),
    budget('project', project, 400_000),
    sampleDraft('AgentCutOff', cut, { ...stopped, why: 'asked', detail: say().slice(0, 1024), by: 'ann' }),
    sampleDraft('AgentRunEnded', cut, {
      ...{ bottle_id: cut, project, job_id, ended: 'cut_off', why: say().slice(0, 2048), diff: null, session: null },
      egress: { hosts: [{ host: say().slice(0, 300) || 'a host', requests: 3 }], requests: 3, refused: 2 },
    }),
    sampleDraft('AgentRunDone', done, {
      bottle_id: done,
      project,
      job_id,
      status: 'success',
      summary: say().slice(0, 8192),
    }),
    sampleDraft('AgentRunEnded', done, {
      ...{ bottle_id: done, project, job_id, ended: 'done', why: null, diff: { digest: diff, files: 1, bytes: 99 } },
    }),
  ];
  for (const draft of drafts) await store.log.append(draft);
  await until(async () => (await http.get(`/bottles/${done}`)).json.bottle?.status === 'ended');
}
