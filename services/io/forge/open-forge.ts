import type { ForgeChoice, ForgeConfig } from '../../floor/choose-forge.ts';
import type { Forge } from './forge.ts';
import { openGiteaForge } from './gitea-forge.ts';
import { openGithubForge } from './github-forge.ts';

/** The forge that was chosen; null when there is none, or no token for it: a pushed branch is all then. */
export function openForge({ kind, repository }: ForgeChoice, config: ForgeConfig): Forge | null {
  const { giteaUrl, giteaToken, githubToken } = config;
  if (kind === 'gitea' && giteaUrl && giteaToken)
    return openGiteaForge({ url: giteaUrl, token: giteaToken, repository });
  if (kind === 'github' && githubToken)
    return openGithubForge({ url: config.githubUrl ?? 'https://github.com', token: githubToken, repository });
  return null;
}
