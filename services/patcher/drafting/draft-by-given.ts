import { withoutCredentials } from '../rules/agent/prompt-secrets.ts';
import { noCost } from '../rules/drafting/turn-cost.ts';
import { redactionFor } from './draft-by-agent.ts';
import type { Drafted, Drafting } from './drafting.ts';

/** What was sealed with the request of an attempt: the diff that somebody brought, and what they say of it. */
type GivenDraft = { readonly diff: string; readonly explanation: string };

/** Takes the diff that somebody brought, again after a conflict. */
export async function draftByGiven(drafting: Drafting): Promise<Drafted> {
  const { patch, findings, deps } = drafting;
  const given = (await deps.log.last('PatchRequested', patch.id))?.data.given;
  if (!given)
    return { kind: 'failed', step: 'context', reason: 'diff_gone', detail: 'The attempt came without a diff.' };
  const { diff, explanation } = JSON.parse(await deps.vault.get(given.ref)) as GivenDraft;
  const redact = await redactionFor(drafting);
  return {
    kind: 'change',
    change: { form: 'diff', diff },
    targets: findings.map(({ identity }) => identity),
    explanation: withoutCredentials(redact(explanation)),
    confidence: null,
    cost: noCost,
  };
}

/** What was sealed is of no use when its attempt is over. */
export async function eraseGiven({ patch, deps }: Pick<Drafting, 'patch' | 'deps'>): Promise<void> {
  if (patch.open || !patch.methods.includes('given')) return;
  const given = (await deps.log.last('PatchRequested', patch.id))?.data.given;
  if (given) await deps.vault.erase(given.ref);
}
