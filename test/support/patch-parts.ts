import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClawdforgeOptions, startClawdforge } from './clawdforge-server.ts';
import { type OnCall, startForgeServer } from './forge-server.ts';
import { git, madeOnce, makeRepository } from './git-repository.ts';

export const forgeToken = 'forge-token-0123456789';
export const agentToken = 'cf_agent-token-0123456789';

/** What a forge lets its users do; nothing is tidied up after a push. */
const forgeConfig = '[http]\nreceivepack = true\n[uploadpack]\nallowAnySHA1InWant = true\n[receive]\nautoGC = false\n';
const originOf = (bare: string) => `[remote "origin"]\nurl = ${bare}\nfetch = +refs/heads/*:refs/remotes/origin/*\n`;

export type PatchPartsOptions = {
  readonly files: Record<string, string>;
  /** What the agent answers; without it there is none. */
  readonly answer?: ClawdforgeOptions['answer'];
  readonly labels?: readonly string[];
  /** Told of every call to the forge, its git and the agent, before and after its work; may cut it off. */
  readonly onCall?: OnCall;
};

export type PatchParts = Awaited<ReturnType<typeof openPatchParts>>;

/** A forge with one repository `acme/app` of these files, an agent's gateway, and the variables by which a farm finds both. */
export async function openPatchParts({ files, answer, labels = [], onCall }: PatchPartsOptions) {
  const dir = mkdtempSync(join(tmpdir(), 'ct-patch-'));
  const work = join(dir, 'work');
  const bare = join(dir, 'forge', 'acme', 'app.git');
  madeOnce(dir, `forge ${JSON.stringify(files)}`, () => {
    makeRepository(work, files);
    git(dir, 'clone', '--quiet', '--bare', '--template=', work, bare);
    mkdirSync(join(bare, 'hooks'));
  });
  appendFileSync(join(bare, 'config'), forgeConfig);
  appendFileSync(join(work, '.git', 'config'), originOf(bare));
  const hook = onCall ? { onCall } : {};
  const forge = await startForgeServer(null, { token: forgeToken, repositories: join(dir, 'forge'), labels, ...hook });
  const agent = answer ? await startClawdforge({ token: agentToken, answer, ...hook }) : null;
  const env: Record<string, string> = {
    CRAFTING_GITEA_URL: forge.url,
    CRAFTING_GITEA_TOKEN: forgeToken,
    CRAFTING_PATCHER_POLL_SECS: '0',
    // Farms of processes of their own too: what a strict proof demands has tests of its own.
    CRAFTING_PATCHER_PROOF: 'open',
    CRAFTING_FORGE_WEBHOOK_SECRET: 'webhook-secret-0123456789',
    ...(agent ? { CRAFTING_CLAWDFORGE_URL: agent.url, CRAFTING_CLAWDFORGE_TOKEN: agentToken } : {}),
  };
  return {
    dir,
    /** A clone in which the test plays the people. */
    work,
    bare,
    gitUrl: `${forge.url.replace('://', `://git:${forgeToken}@`)}/acme/app.git`,
    forge,
    agent,
    env,
    branches: () =>
      git(bare, 'for-each-ref', '--format=%(refname:short)', 'refs/heads')
        .split('\n')
        .filter((name) => name !== 'main'),
    close: async () => {
      await agent?.stop();
      await forge.stop();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export async function withPatchParts<T>(
  options: PatchPartsOptions,
  work: (parts: PatchParts) => Promise<T>,
): Promise<T> {
  const parts = await openPatchParts(options);
  try {
    return await work(parts);
  } finally {
    await parts.close();
  }
}
