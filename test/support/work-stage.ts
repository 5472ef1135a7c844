import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { roleNames } from '../../services/config-kinds.ts';
import { type ForgeName, signedWebhook, type Told, talkWebhook } from './forge-webhooks.ts';
import type { Json } from './http.ts';
import { type LifeOptions, type PatchLife, webhookSecret, withLife } from './patch-life.ts';
import { forgeToken, type PatchParts } from './patch-parts.ts';
import { type ScriptedAgent, type ScriptedBottles, startScriptedBottles } from './scripted-bottles.ts';
import { until, whileMoving } from './until.ts';

export const repository = 'acme/app';
export const label = 'crafting-table:implementer';

export type WorkStageOptions = Omit<LifeOptions, 'project'> & {
  /** Which forge it is; Gitea unless told. */
  readonly on?: ForgeName;
  readonly agent: ScriptedAgent;
  /** Beside the agent that may work. */
  readonly orchestrate?: Record<string, unknown>;
  readonly project?: Record<string, unknown>;
};

export type WorkStage = ForgeStage & { readonly bottles: ScriptedBottles };
export type ForgeStage = ReturnType<typeof stageOf>;

/** A project whose issues may start a scripted agent, on a forge with a real git server; `ann` and `bob` are members of `acme`. */
export async function withWork(options: WorkStageOptions, work: (stage: WorkStage) => Promise<void>): Promise<void> {
  const { agent, env, ...more } = options;
  // The script stands for the role that runs agents.
  const CRAFTING_ROLES = roleNames.filter((role) => role !== 'bottler').join(',');
  await withForgeStage({ ...more, env: { CRAFTING_ROLES, ...env } }, async (stage) => {
    const bottles = await startScriptedBottles(stage.farm.store, { bare: stage.parts.bare, agent });
    try {
      await work({ ...stage, bottles });
    } finally {
      await bottles.stop();
    }
  });
}

/** The same with the role that runs agents: `program` is a shell's, at work in a real bottle for the agent `implementer`. */
export function withBottledWork(
  { program, manifest = {}, env, ...more }: Omit<WorkStageOptions, 'agent'> & BottledAgent,
  work: (stage: ForgeStage) => Promise<void>,
): Promise<void> {
  const agents = { implementer: { program, time_limit_secs: 120, ...manifest } };
  const project = { ...more.project, agents };
  return withForgeStage({ ...more, project, env: { CRAFTING_SANDBOX: 'bwrap', ...env } }, work);
}

type BottledAgent = { readonly program: string; readonly manifest?: Record<string, unknown> };

export const forgeStageEnv = {
  CRAFTING_FORGE_ORG: 'acme',
  CRAFTING_ORCHESTRATOR_QUIET_SECS: '0',
  CRAFTING_ORCHESTRATOR_POLL_SECS: '0',
};

async function withForgeStage(
  { on = 'gitea', orchestrate = {}, project = {}, env = {}, ...life }: Omit<WorkStageOptions, 'agent'>,
  work: (stage: ForgeStage) => Promise<void>,
): Promise<void> {
  const settings = { agents: ['implementer'], ...orchestrate };
  const own = { ...project, orchestrate: settings };
  const envOf = (parts: PatchParts) => forgeEnv(on, parts);
  await withLife({ ...life, envOf, project: own, env: { ...forgeStageEnv, ...env } }, async (one) => {
    const { forge } = one.parts;
    forge.talk.join('acme', 'ann', 'bob');
    if (on === 'gitlab') forge.numberApart();
    await work(stageOf(one, on));
  });
}

/** By which a farm finds the stand-in as this forge. */
export function forgeEnv(on: ForgeName, { forge, dir }: Pick<PatchParts, 'forge' | 'dir'>): Record<string, string> {
  if (on === 'gitea') return {};
  const none = { CRAFTING_GITEA_URL: '', CRAFTING_GITEA_TOKEN: '' };
  if (on === 'github')
    return { ...none, CRAFTING_GITHUB_URL: `${forge.url}/api/v3`, CRAFTING_GITHUB_TOKEN: forgeToken };
  writeFileSync(join(dir, 'token'), forgeToken);
  const here = { name: 'here', kind: 'gitlab', url: forge.url, token_file: 'token' };
  writeFileSync(join(dir, 'forges.json'), JSON.stringify([here]));
  return { ...none, CRAFTING_FORGES: join(dir, 'forges.json') };
}

function stageOf(life: PatchLife, on: ForgeName) {
  const { forge } = life.parts;
  const { talk } = forge;
  const work = async (number: number): Promise<Json> => {
    const answer = await life.http.get(`/work/p-${number}`);
    return answer.status === 200 ? answer.json.work : null;
  };
  /** What a forge tells of an issue, of a pull request, or of something said there; the status of the answer. */
  let told = 0;
  const tell = async (number: number, about: Partial<Told> = {}, delivery?: string): Promise<number> => {
    const what = { place: 'issue', what: 'changed', action: 'edited', ...about } as const;
    const { event, payload } = talkWebhook(on, { repository, number, url: forge.url }, what);
    // No two deliveries say the same, but one that is sent twice.
    told += delivery === undefined ? 1 : 0;
    const { headers, body } = await signedWebhook({
      ...{ forge: on, secret: webhookSecret, event, payload: { ...payload, at: delivery ?? told } },
      ...(delivery === undefined ? {} : { delivery }),
    });
    const asked = { method: 'POST', headers, body: body.toString() };
    return (await whileMoving((signal) => fetch(`${life.farm.url}/forge/webhook`, { ...asked, signal }))).status;
  };
  return {
    ...life,
    on,
    forge,
    talk,
    work,
    tell,
    /** Somebody opens an issue, and somebody else may label it; the forge tells of it. */
    opens: async (
      title: string,
      more: { body?: string; author?: string; labelledBy?: string | null; with?: string; silent?: boolean } = {},
    ) => {
      const { body = '', author = 'eve', labelledBy = 'ann', with: name = label } = more;
      const issue = forge.openIssue(repository, { title, body, author });
      if (labelledBy !== null) talk.label(issue, name, labelledBy);
      if (!more.silent) assert.equal(await tell(issue.number, { action: 'labeled' }), 202);
      return issue.number;
    },
    /** Somebody writes below an issue. */
    says: async (number: number, body: string, author = 'ann') => {
      const comment = talk.say({ repository, place: 'issue', number, author, body });
      assert.equal(await tell(number, { what: 'said', action: 'created' }), 202);
      return comment;
    },
    /** Somebody reviews a pull request. */
    reviews: async (number: number, review: Parameters<typeof talk.review>[2]) => {
      // On GitLab the words of a review are a note below the merge request.
      const { author, body = '' } = review;
      const isNote = on === 'gitlab' && body !== '';
      if (isNote) talk.say({ repository, place: 'pull', number, author, body });
      const done = talk.review(repository, number, isNote ? { ...review, body: '' } : review);
      assert.equal(await tell(number, { place: 'pull', what: 'said', action: 'created' }), 202);
      return done;
    },
    becomes: (number: number, isSo: (work: Json) => boolean): Promise<Json> =>
      until(async () => {
        const found = await work(number);
        return found && isSo(found) ? found : null;
      }),
    /** What the farm wrote below an issue. */
    own: (number: number) => talk.comments.filter((one) => one.number === number && one.author === 'crafting-table'),
  };
}
