import { claimSubject, subjectToken } from '../../../../events/subjects.ts';
import type { RunnerDoc } from '../../../../projections/people/guests.ts';
import type { ClientAccount } from './account-subjects.ts';

/**
 * A runner on another machine: it may write to an inbox of its own, and hear the answers. It cannot read or append an event,
 * read what other jobs print, see a sealed secret, or touch a stream, a consumer or a bucket: the service looks at what it
 * says, and does it in its name.
 */
export function runnerAccount({ name, public_key }: Pick<RunnerDoc, 'name' | 'public_key'>): ClientAccount {
  const token = subjectToken(name);
  return { account: `RUNNER-${token}`, publicKey: public_key, exports: [{ subject: `${claimSubject(token)}.>` }] };
}
