import type { ProjectDoc } from '../../projections/projects/projects.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../floor/clock.ts';
import { findForge } from '../floor/forges/choose-forge.ts';
import { farmToken } from '../io/forge/farm-token.ts';
import type { Remote } from '../io/git/mirrors/remote-url.ts';
import type { Vault } from '../io/sealing/vault.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { grantOf } from './forge-access.ts';

type RemoteDeps = {
  readonly config: Pick<Config, 'patcher'>;
  readonly models: Pick<ReadModels, 'query'>;
  readonly vault: Pick<Vault, 'get'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** Where the repository of a project is, with its own credential or, for want of one, the forge's token where that is granted. */
export async function remoteOfProject(
  project: ProjectDoc,
  { config, models, vault, clock }: RemoteDeps,
): Promise<Remote> {
  const { git_url: url, credential_ref } = project;
  if (credential_ref) return { url, credential: JSON.parse(await vault.get(credential_ref)) };
  const granted = grantOf(project, { config, query: models.query, clock })?.granted === true;
  const place = granted && /^https?:/.test(url) ? findForge(url, config.patcher.forge) : null;
  const token = place && (await farmToken(place, clock)?.get());
  return token ? { url, credential: { username: 'x-access-token', password: token } } : { url };
}
