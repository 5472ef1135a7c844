import type { Config } from '../config.ts';
import type { Clock } from '../floor/clock.ts';
import { chooseForge, findForge } from '../floor/forges/choose-forge.ts';
import { openTalk } from '../io/forge/talk/open-talk.ts';
import type { Talk } from '../io/forge/talk/talk.ts';
import type { Vault } from '../io/sealing/vault.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { grantOf, ownTokenOf } from '../projects/forge-access.ts';

export type TalkDeps = {
  readonly config: Pick<Config, 'patcher'>;
  readonly models: Pick<ReadModels, 'query'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly vault: Pick<Vault, 'get'>;
};

/** Opens what is said about a project's repository. */
export type OpenTalk = (project: string) => Talk | null;

/**
 * With the project's own credential, or the farm's token where that is granted: null without a grant, and where no forge is set up.
 * One client for each repository and credential.
 */
export function grantedTalks({ config, models, clock, vault }: TalkDeps): OpenTalk {
  const talks = new Map<string, Talk | null>();
  return (name) => {
    const project = models.query().projects.find(name);
    if (!project) return null;
    const { forge } = config.patcher;
    const grant = grantOf(project, { config, query: models.query, clock });
    if (!grant?.granted || chooseForge(project.git_url, forge).kind === 'none') return null;
    const { key, token } = ownTokenOf(project, vault);
    const place = JSON.stringify([project.git_url, key]);
    if (!talks.has(place)) talks.set(place, openTalk(findForge(project.git_url, forge), clock, token));
    return talks.get(place) ?? null;
  };
}
