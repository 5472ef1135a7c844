import type { ProjectDoc } from '../../projections/projects/projects.ts';
import type { Config } from '../config.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import { chooseForge, type ForgeChoice, findForge } from '../floor/forges/choose-forge.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Forge } from '../io/forge/forge.ts';
import type { TokenSource } from '../io/forge/forge-credential.ts';
import { openForge } from '../io/forge/open-forge.ts';
import { pushRight } from '../io/forge/push-right.ts';
import type { Vault } from '../io/sealing/vault.ts';
import type { Queries, ReadModels } from '../projector/read-models.ts';
import { accessOf, type ForgeGrant, forgeGrant, type GrantFacts } from './rules/forge-grant.ts';

type Asking = {
  readonly config: Pick<Config, 'patcher'>;
  readonly query: () => Queries;
  readonly clock: Pick<Clock, 'now'>;
};
type Owned = Pick<ProjectDoc, 'name' | 'owner' | 'git_url' | 'credential_ref' | 'patch'>;

/** Whether the farm's own token may be used for a project; null where no forge is set up for its repository. */
export function grantOf(project: Owned, asking: Asking): (ForgeGrant & { readonly choice: ForgeChoice }) | null {
  if (usesOwn(project)) {
    const choice = chooseForge(project.git_url, asking.config.patcher.forge);
    return choice.kind === 'none' ? null : { granted: true, by: 'own', choice };
  }
  const facts = factsOf(project, asking);
  return facts && { ...forgeGrant(facts), choice: facts.choice };
}

/** A project that brings its own credential, and wants the forge asked with that one, borrows nothing of the farm's. */
function usesOwn({ patch, credential_ref }: Owned): boolean {
  return patch?.own_token === true && credential_ref !== null;
}

function factsOf(project: Owned, { config, query, clock }: Asking): GrantFacts | null {
  const { forge } = config.patcher;
  const found = findForge(project.git_url, forge);
  if (found === null || found.instance.secret === null) return null;
  const choice = { kind: found.instance.kind, repository: found.repository };
  const { tokens, grants } = query();
  const owner = tokens.find(project.owner);
  return {
    project,
    choice,
    ownedByAdmin: owner?.is_admin === true && owner.sha256 !== null,
    grants: grants.ofTeam(project.owner),
    access: grants.access(project.name),
    nowMs: clock.now(),
  };
}

type ProvingDeps = {
  readonly config: Pick<Config, 'patcher'>;
  readonly models: Pick<ReadModels, 'query' | 'applied'>;
  readonly log: Pick<EventLog, 'append'>;
  readonly vault: Pick<Vault, 'get'>;
  readonly clock: Pick<Clock, 'now'>;
};

/**
 * The same, after the forge was asked about the project's own credential where nobody granted anything and it was not asked for a
 * day. Its answer is an event. A forge that cannot be reached says nothing: it is asked again the next time.
 */
export async function provenGrant(project: Owned, { config, models, log, vault, clock }: ProvingDeps) {
  const asking = { config, query: models.query, clock };
  const facts = factsOf(project, asking);
  const ref = project.credential_ref;
  if (!facts || ref === null || usesOwn(project) || forgeGrant(facts).granted || accessOf(facts))
    return grantOf(project, asking);
  const credential = JSON.parse(await vault.get(ref)) as { username: string; password: string };
  const found = findForge(project.git_url, config.patcher.forge);
  if (found === null) return grantOf(project, asking);
  const said = await pushRight(found, credential).catch((error) => ({
    known: false as const,
    detail: messageOf(error),
  }));
  if (!said.known) return grantOf(project, asking);
  const { kind: forge, repository } = facts.choice;
  const data = {
    project: project.name,
    owner: project.owner,
    forge,
    repository,
    credential_ref: ref,
    can_push: said.canPush,
    detail: said.canPush ? null : said.detail.slice(0, 512),
  };
  const { seq } = await log.append({ type: 'ForgeAccessChecked', id: project.name, data });
  await models.applied(seq);
  return grantOf(project, asking);
}

/**
 * Opens the forge of a project's repository with its own credential or the farm's token: null without a grant, and where no forge is set up. One client
 * for each repository keeps the pace that the forge asks for. Nothing else opens a forge.
 */
export function grantedForges({
  config,
  models,
  clock,
  vault,
}: Pick<ProvingDeps, 'config' | 'clock' | 'vault'> & { models: Pick<ReadModels, 'query'> }) {
  const forges = new Map<string, Forge | null>();
  return (projectName: string, choice: ForgeChoice): Forge | null => {
    const project = models.query().projects.find(projectName);
    if (choice.kind === 'none' || !project) return null;
    const grant = grantOf(project, { config, query: models.query, clock });
    // The grant is for the repository that the project has now, and an attempt may be of an earlier one.
    const isSame = grant?.choice.repository?.toLowerCase() === choice.repository.toLowerCase();
    if (!grant?.granted || grant.choice.kind !== choice.kind || !isSame) return null;
    const { key: own, token } = ownTokenOf(project, vault);
    const key = JSON.stringify([project.git_url, own]);
    const found = findForge(project.git_url, config.patcher.forge);
    if (!forges.has(key)) forges.set(key, openForge(found, clock, token));
    return forges.get(key) ?? null;
  };
}

/** The token that a project brings for its forge, and by what it is known; undefined where it borrows the farm's. */
export function ownTokenOf(project: Owned, vault: Pick<Vault, 'get'>): { key: string | null; token?: TokenSource } {
  const ref = usesOwn(project) ? project.credential_ref : null;
  return ref === null ? { key: null } : { key: ref, token: ownToken(() => vault.get(ref)) };
}

/** The password of the project's credential, as it lies sealed. */
function ownToken(sealed: () => Promise<string>): TokenSource {
  let known: string | null = null;
  return {
    get: async () => {
      const { password } = JSON.parse(await sealed()) as { password: string };
      known = password;
      return password;
    },
    forget: () => {},
    given: () => (known === null ? [] : [known]),
  };
}
