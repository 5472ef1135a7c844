import assert from 'node:assert/strict';
import { roleNames } from '../../services/config-kinds.ts';
import { signedWebhook } from './forge-webhooks.ts';
import type { Json } from './http.ts';
import { type LifeOptions, type PatchLife, webhookSecret, withLife } from './patch-life.ts';
import { type ScriptedAgent, type ScriptedBottles, startScriptedBottles } from './scripted-bottles.ts';
import { until, whileMoving } from './until.ts';

export const repository = 'acme/app';
export const label = 'crafting-table:implementer';

export type WorkStageOptions = Omit<LifeOptions, 'project'> & {
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
  { orchestrate = {}, project = {}, env = {}, ...life }: Omit<WorkStageOptions, 'agent'>,
  work: (stage: ForgeStage) => Promise<void>,
): Promise<void> {
  const settings = { agents: ['implementer'], ...orchestrate };
  const own = { ...project, orchestrate: settings };
  await withLife({ ...life, project: own, env: { ...forgeStageEnv, ...env } }, async (one) => {
    one.parts.forge.talk.join('acme', 'ann', 'bob');
    await work(stageOf(one));
  });
}

function stageOf(life: PatchLife) {
  const { forge } = life.parts;
  const { talk } = forge;
  const work = async (number: number): Promise<Json> => {
    const answer = await life.http.get(`/work/p-${number}`);
    return answer.status === 200 ? answer.json.work : null;
  };
  /** What a forge tells of an issue, or of something said there. */
  const tell = async (number: number, event = 'issues', action = 'edited', delivery?: string): Promise<number> => {
    const payload = {
      action,
      issue: { number },
      repository: { full_name: repository },
      at: delivery ?? talk.comments.length,
    };
    const { headers, body } = await signedWebhook({ forge: 'gitea', secret: webhookSecret, event, payload });
    const asked = { method: 'POST', headers, body: body.toString() };
    return (await whileMoving((signal) => fetch(`${life.farm.url}/forge/webhook`, { ...asked, signal }))).status;
  };
  let said = 0;
  /** No two deliveries are alike. */
  const next = (action: string): string => {
    said += 1;
    return `${action}-${said}`;
  };
  return {
    ...life,
    forge,
    talk,
    work,
    tell,
    /** Somebody opens an issue, and somebody else may label it; the forge tells of it. */
    opens: async (
      title: string,
      more: { body?: string; author?: string; labelledBy?: string | null; with?: string } = {},
    ) => {
      const { body = '', author = 'eve', labelledBy = 'ann', with: name = label } = more;
      const issue = forge.openIssue(repository, { title, body, author });
      if (labelledBy !== null) talk.label(issue, name, labelledBy);
      assert.equal(await tell(issue.number, 'issues', next('labeled')), 202);
      return issue.number;
    },
    /** Somebody writes below an issue. */
    says: async (number: number, body: string, author = 'ann') => {
      const comment = talk.say({ repository, place: 'issue', number, author, body });
      assert.equal(await tell(number, 'issue_comment', next('created')), 202);
      return comment;
    },
    /** Somebody reviews a pull request. */
    reviews: async (number: number, review: Parameters<typeof talk.review>[2]) => {
      const done = talk.review(repository, number, review);
      assert.equal(await tell(number, 'pull_request_comment', next('created')), 202);
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
