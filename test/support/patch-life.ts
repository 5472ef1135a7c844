import assert from 'node:assert/strict';
import type { EventName, Recorded } from '../../events/registry.ts';
import { eventStream } from '../../events/streams.ts';
import { type FarmSettings, type TestFarm, withFarm } from './farm.ts';
import { commitFiles, git, gits } from './git-repository.ts';
import type { Json } from './http.ts';
import { mendingLinter } from './mending-linter.ts';
import { type PatchParts, type PatchPartsOptions, withPatchParts } from './patch-parts.ts';
import { twice } from './twice.ts';
import { until } from './until.ts';

export const webhookSecret = 'webhook-secret-0123456789';
export const lintSubproject = { path: '.', language: 'javascript', lint: 'perl lint.pl # eslint -f json' };

export type LifeOptions = Omit<Partial<PatchPartsOptions>, 'files'> & {
  /** Files beside the linter. */
  readonly files?: Record<string, string>;
  readonly project?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  readonly envOf?: (parts: PatchParts) => Record<string, string>;
  /** Parts of the test's own, such as its clock. */
  readonly parts?: FarmSettings['parts'];
  /** Every event comes twice; a forge and an agent are asked more often then, and nothing else may differ. */
  readonly twice?: boolean;
};

export type PatchLife = ReturnType<typeof lifeOf> & {
  /** Puts the project again, with these settings. */
  change(more: Record<string, unknown>): Promise<void>;
};

/** Five files with one line each that the linter mends itself. */
export const fiveBad = Object.fromEntries(
  [1, 2, 3, 4, 5].map((n) => [`src/f${n}.js`, `const before${n} = 1;\nconst v${n} = "bad";\nconst after${n} = 2;\n`]),
);

/** A farm whose project `p` lives on a forge, for the time of some work. */
export async function withLife(options: LifeOptions, work: (life: PatchLife) => Promise<void>): Promise<void> {
  const files = { 'lint.pl': mendingLinter(), ...(options.files ?? fiveBad) };
  await withPatchParts({ ...options, files }, (parts) =>
    withFarm(
      async (farm) => {
        const body = { name: 'p', git_url: parts.gitUrl, subprojects: [lintSubproject], ...options.project };
        const made = await farm.http.post('/projects', body);
        assert.equal(made.status, 201, made.text);
        const change = async (more: Record<string, unknown>) => {
          const changed = await farm.http('PUT', '/projects/p', { body: { ...body, ...more } });
          assert.equal(changed.status, 200, changed.text);
        };
        await work({ ...lifeOf(farm, parts), change });
      },
      {
        env: { ...parts.env, ...options.env, ...options.envOf?.(parts) },
        parts: { ...options.parts, ...(options.twice ? { consumer: twice } : {}) },
      },
    ),
  );
}

function lifeOf(farm: TestFarm, parts: PatchParts) {
  const { http, store } = farm;
  // An event never changes: each is asked for once, however often it is looked for.
  const known: (Recorded | null)[] = [];
  const events = async <N extends EventName>(type: N): Promise<Recorded<N>[]> => {
    const end = await store.log.end();
    while (known.length < end) {
      const seq = known.length + 1;
      const event = await store.log.at(seq);
      known[seq - 1] ??= event;
    }
    return known.filter((event) => event?.type === type) as Recorded<N>[];
  };
  const run = async (more: Record<string, unknown> = {}) => {
    const asked = await http.post('/projects/p/jobs', { recipe: 'lint', ...more });
    assert.equal(asked.status, 202, asked.text);
    const job = asked.json.job_id as string;
    assert.equal((await http.ended(job)).reason, 'exited');
    return { job, findings: (await http.get(`/jobs/${job}/findings`)).json.findings as Json[] };
  };
  const attempts = async () => (await http.get('/patches')).json.patches as Json[];
  const attempt = async (id: string) => (await http.get(`/patches/${id}`)).json.attempt as Json;
  /** Waits until an attempt is as described. */
  const becomes = (id: string, is: (patch: Json) => boolean) =>
    until(async () => {
      const found = await attempt(id);
      return is(found) ? found : null;
    });
  const ask = (job: string, finding: Json, wait = 300) =>
    http.post(`/jobs/${job}/patches?wait=${wait}`, { finding_id: finding.id });
  return {
    farm,
    http,
    parts,
    events,
    run,
    url: farm.url,
    attempts,
    attempt,
    becomes,
    ask,
    /** Asks for a patch of a finding of this job, and waits for its pull request. */
    proposed: async ({ job, findings }: { job: string; findings: Json[] }, file = findings[0].file) => {
      const { json, text } = await ask(
        job,
        findings.find((one) => one.file === file),
      );
      assert.equal(json?.attempt?.status, 'pr_opened', text);
      return json.attempt as Json;
    },
    proposals: async () => (await http.get('/projects/p/proposals')).json as Json,
    /** What the forge tells of a pull request; answers the status of the answer. */
    tell: (number: number, action: string | undefined = 'closed', event = 'pull_request') =>
      parts.forge.webhook(`${farm.url}/forge/webhook`, {
        forge: 'gitea',
        secret: webhookSecret,
        event,
        action,
        number,
      }),
    /** What a person commits to a branch, and pushes. */
    commit: (files: Record<string, string>, branch = 'main') => {
      gits(parts.work, 'git fetch --quiet origin\ngit checkout --quiet -B "$1" "origin/$1"', branch);
      const commit = commitFiles(parts.work, files);
      git(parts.work, 'push', '--quiet', 'origin', branch);
      return commit;
    },
    /** So many of the forge's API calls, without those for labels. */
    apiCalls: () =>
      Object.entries(parts.forge.calls)
        .filter(([key]) => /^git(ea|hub) /.test(key) && !key.includes('/labels'))
        .reduce((sum, [, count]) => sum + count, 0),
    /** Waits until nothing is under way: no job runs, no attempt is between two steps, every event is settled. */
    quiet: () =>
      until(async () => {
        const busy = (await attempts()).filter(
          ({ status, turn }) =>
            ['drafted', 'verifying', 'pushed'].includes(status) || (status === 'requested' && turn > 0),
        );
        const { jobs } = (await http.get('/jobs')).json;
        // What a follower left behind when it began anew stays for minutes, with what it never took.
        const consumers = await store.nats.jsm.consumers.list(eventStream.name).next();
        const durables = consumers.filter(({ config }) => config.durable_name);
        return (
          busy.length === 0 &&
          jobs.every(({ status }: Json) => ['succeeded', 'failed', 'cancelled'].includes(status)) &&
          durables.every(({ num_pending, num_ack_pending }) => num_pending + num_ack_pending === 0)
        );
      }),
  };
}
