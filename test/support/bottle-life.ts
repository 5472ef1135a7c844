import assert from 'node:assert/strict';
import type { EventName, Recorded } from '../../events/registry.ts';
import { type FarmSettings, type TestFarm, withFarm } from './farm.ts';
import type { Json } from './http.ts';
import { until } from './until.ts';

/** A program that takes the place of an agent: a script of a shell, in the work tree of its bottle. */
export type Script = string;

export type BottleLife = {
  readonly farm: TestFarm;
  /** Asks for a run of the agent `scripted`, and waits for its end. */
  run(more?: Record<string, unknown>): Promise<Json>;
  ask(more?: Record<string, unknown>): Promise<string>;
  ended(id: string): Promise<Json>;
  calls(id: string): Promise<{ words: string; refused: boolean }[]>;
  log(id: string): Promise<string>;
  diff(id: string): Promise<string>;
  events<N extends EventName>(type: N): Promise<Recorded<N>[]>;
  /** Another program for the next run. */
  program(script: Script, manifest?: Record<string, unknown>): Promise<void>;
};

const files = {
  'sum.txt': '1\n2\n',
  'total.sh': 'total=0\nfor n in $(cat sum.txt); do total=$((total + n)); done\necho $total\n',
  'test.sh': '[ "$(sh total.sh)" = "$(cat wanted.txt)" ]\n',
  'wanted.txt': '6\n',
};

const subproject = { path: '.', language: 'shell', test: 'sh test.sh' };

/** A farm with a project `p` whose agent is a script, for the time of some work. */
export async function withBottles(
  script: Script,
  work: (life: BottleLife) => Promise<void>,
  {
    project = {},
    manifest = {},
    ...settings
  }: FarmSettings & { project?: Record<string, unknown>; manifest?: Record<string, unknown> } = {},
): Promise<void> {
  await withFarm(
    async (farm) => {
      const { http, store } = farm;
      const document = (program: Script, more: Record<string, unknown>) => ({
        ...{ name: 'p', git_url: farm.repository, subprojects: [subproject], ...project },
        agents: { scripted: { program, time_limit_secs: 120, ...more } },
      });
      const made = await http.post('/projects', document(script, manifest));
      assert.equal(made.status, 201, made.text);
      const ask = async (more: Record<string, unknown> = {}) => {
        const asked = await http.post('/bottles', {
          project: 'p',
          agent: 'scripted',
          prompt: 'Make the total 6.',
          ...more,
        });
        assert.equal(asked.status, 202, asked.text);
        return asked.json.bottle.id as string;
      };
      const find = async (id: string) => (await http.get(`/bottles/${id}`)).json;
      const ended = (id: string) =>
        until(async () => {
          const { bottle } = await find(id);
          return bottle.status === 'requested' || bottle.status === 'running' ? undefined : (bottle as Json);
        });
      const events = async <N extends EventName>(type: N): Promise<Recorded<N>[]> => {
        const found: Recorded[] = [];
        for (let seq = 1; seq <= (await store.log.end()); seq += 1) {
          const event = await store.log.at(seq);
          if (event?.type === type) found.push(event);
        }
        return found as Recorded<N>[];
      };
      await work({
        ...{ farm, ask, ended, events },
        run: async (more) => ended(await ask(more)),
        calls: async (id) => (await find(id)).calls,
        log: async (id) => (await http.get(`/jobs/${(await find(id)).bottle.job_id}/log`)).text,
        diff: async (id) => (await http.get(`/bottles/${id}/diff`)).json.diff ?? '',
        program: async (program, more = {}) => {
          const changed = await http('PUT', '/projects/p', { body: document(program, { ...manifest, ...more }) });
          assert.equal(changed.status, 200, changed.text);
        },
      });
    },
    { files, ...settings, env: { CRAFTING_SANDBOX: 'bwrap', ...settings.env } },
  );
}

/** Ends a script as an agent is to end. */
export const signalDone = 'bottle signal_done status=success summary="The total is 6."';
