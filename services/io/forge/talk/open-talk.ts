import type { Clock } from '../../../floor/clock.ts';
import type { FoundForge } from '../../../floor/forges/choose-forge.ts';
import { apiOf, farmToken, fetchOf } from '../farm-token.ts';
import type { TokenSource } from '../forge-credential.ts';
import { giteaTalk } from './gitea-talk.ts';
import { githubTalk } from './github-talk.ts';
import { gitlabTalk } from './gitlab-talk.ts';
import { restCalls } from './rest-calls.ts';
import type { Talk } from './talk.ts';

const talks = { gitea: giteaTalk, github: githubTalk, gitlab: gitlabTalk } as const;

/** What is said on the forge that was found, asked with `own` or, for want of one, the farm's token; null without either. */
export function openTalk(found: FoundForge | null, clock: Pick<Clock, 'now'>, own?: TokenSource): Talk | null {
  const token = own ?? (found && farmToken(found, clock));
  if (found === null || !token) return null;
  const { instance, repository } = found;
  const scheme = instance.kind === 'gitea' ? 'token' : 'Bearer';
  const calls = restCalls({ api: apiOf(instance), token, scheme, fetch: fetchOf(instance) });
  return talks[instance.kind](calls, repository);
}
