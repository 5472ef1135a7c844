import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newPatch, type PatchDoc } from '../../../projections/patches/patch-document.ts';
import { AppError } from '../../../services/floor/app-error.ts';
import type { Agent } from '../../../services/io/agent/agent.ts';
import type { Step } from '../../../services/patcher/attempt-steps.ts';
import { askAgent } from '../../../services/patcher/drafting/agent-session.ts';

const reply = { text: '{}', durationMs: 1, inputTokens: null, outputTokens: null, usd: null };
const asking = { turn: 1, opening: 'all that is known', feedback: null, wasLost: false };

/** An attempt whose log holds these events of its subject, and an agent that keeps count. */
function scene(more: Partial<PatchDoc> = {}, turns = 0) {
  const base = { branch: 'main', sha: 'a'.repeat(40) };
  const data = {
    patch_id: '1-1',
    project: 'p',
    members: [],
    base,
    methods: ['agent'],
    forge: 'none',
    repository: null,
  };
  const patch = { ...newPatch(data as never, 1, '2026-01-01T00:00:00Z'), ...more };
  const events: { type: string; seq: number; data: Record<string, unknown> }[] = [];
  const last = (type: string) => events.filter((one) => one.type === type).at(-1) ?? null;
  const add = (type: string, facts: Record<string, unknown>) =>
    events.push({ type, seq: events.length + 2, data: facts });
  const log = {
    last: async (type: string) => last(type),
    append: async (draft: { type: string; data: Record<string, unknown> }, { expect = 0 }) => {
      if ((last(draft.type)?.seq ?? 0) !== expect) throw new AppError('conflict', 'moved on');
      add(draft.type, draft.data);
      return { seq: events.length + 1 };
    },
    flush: async () => {},
  };
  const prompts: string[] = [];
  const closed: string[] = [];
  const agent = {
    adapter: 'clawdforge',
    model: null,
    open: async () => 'mine',
    find: async () => null,
    state: async () => ({ turns, closed: false }),
    close: async (id: string) => void closed.push(id),
    turn: async (_: string, prompt: string) => {
      prompts.push(prompt);
      return reply;
    },
  };
  const deps = { log, models: { applied: async () => true } };
  const effect = () => ({ eventId: 'cause', correlationId: 'cause', consumer: 'patcher', ordinal: '' });
  const step = { patch, effect, deps } as unknown as Step;
  return { step, agent: agent as Agent, add, prompts, closed, fake: agent };
}

it('ends the conversation that was opened when somebody else had opened one meanwhile, and asks nothing', async () => {
  const { step, agent, fake, add, prompts, closed } = scene();
  fake.open = async () => {
    add('PatchSessionOpened', { session_id: 'theirs' });
    return 'mine';
  };
  assert.deepEqual(await askAgent(asking, agent, step), { taken: true });
  assert.deepEqual([closed, prompts], [['mine'], []]);
});

it('tells all to a conversation that a crash left before its first question, and only what is new to another', async () => {
  const sessions = [{ session_id: 'open', adapter: 'clawdforge', model: null, closed: false }];
  for (const [turns, prompt] of [
    [0, 'all that is known\nwhat was wrong'],
    [1, 'what was wrong'],
  ] as const) {
    const { step, agent, prompts } = scene({ sessions }, turns);
    await askAgent({ ...asking, turn: 2, feedback: 'what was wrong' }, agent, step);
    assert.deepEqual(prompts, [prompt]);
  }
});
