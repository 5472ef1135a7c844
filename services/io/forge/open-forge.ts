import type { Clock } from '../../floor/clock.ts';
import type { FoundForge } from '../../floor/forges/choose-forge.ts';
import { farmToken, fetchOf } from './farm-token.ts';
import type { Forge } from './forge.ts';
import type { TokenSource } from './forge-credential.ts';
import { openGiteaForge } from './gitea-forge.ts';
import { openGithubForge } from './github-forge.ts';
import { openGitlabForge } from './gitlab-forge.ts';

/**
 * The forge that was found, asked with `token` or, for want of one, the farm's own; null when there is neither: a pushed
 * branch is all then.
 */
export function openForge(found: FoundForge | null, clock: Pick<Clock, 'now'>, own?: TokenSource): Forge | null {
  const token = own ?? (found && farmToken(found, clock));
  if (found === null || !token) return null;
  const { instance, repository } = found;
  const { kind, url, api } = instance;
  const options = { url: api ?? url, token, repository, fetch: fetchOf(instance) };
  if (kind === 'gitea') return openGiteaForge(options);
  return kind === 'github' ? openGithubForge(options) : openGitlabForge(options);
}
