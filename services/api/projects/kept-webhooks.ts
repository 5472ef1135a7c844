import type { Webhook } from '../../../events/projects/project.ts';
import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import { AppError, type Fault } from '../../floor/app-error.ts';
import { isForbiddenHost } from '../../io/webhook/forbidden-address.ts';
import { isSigned, makeWebhookSecret, type WebhookTarget } from '../../io/webhook/send-webhook.ts';
import {
  isStandardSecret,
  type NamedWebhook,
  namedWebhooks,
  type WebhookInput,
} from '../../notifier/rules/webhook-targets.ts';
import type { ApiDeps } from '../define.ts';

type Deps = Pick<ApiDeps, 'config' | 'vault'>;
type Planned = { readonly hook: NamedWebhook; readonly target: WebhookTarget; readonly keptRef: string | null };

/**
 * Finds the address and the secret of each webhook of a document: those that were sent, else those that are kept. Answers how
 * to put them into the vault, so that a refused document leaves nothing there. Throws AppError('invalid').
 */
export async function planWebhooks(
  inputs: readonly WebhookInput[],
  before: ProjectDoc | null,
  deps: Deps,
): Promise<() => Promise<Webhook[]>> {
  const faults: Fault[] = [];
  const planned: Planned[] = [];
  for (const [index, hook] of namedWebhooks(inputs).entries()) {
    const old = before?.notify.webhooks?.find(({ id }) => id === hook.id) ?? null;
    const kept = old ? await webhookTarget(old.target_ref, deps) : null;
    const url = hook.url ?? kept?.url;
    const path = `/body/notify/webhooks/${index}/url`;
    if (url === undefined) faults.push({ path, message: 'is needed: no webhook of this id is kept' });
    else if (isForbiddenHost(new URL(url).hostname, deps.config.notifyAllow))
      faults.push({ path, message: 'is an address to which nothing may go; CRAFTING_NOTIFY_ALLOW could allow it' });
    else {
      const target = { url, ...secretOf(hook, kept) };
      const same = kept && kept.url === url && kept.secret === target.secret;
      planned.push({ hook, target, keptRef: same ? (old?.target_ref ?? null) : null });
    }
  }
  const [first] = faults;
  if (first) throw new AppError('invalid', `${first.path}: ${first.message}`, { faults });
  return async () => {
    const webhooks: Webhook[] = [];
    for (const { hook, target, keptRef } of planned) {
      const target_ref = keptRef ?? (await deps.vault.put(JSON.stringify(target)));
      const { id, on, format } = hook;
      webhooks.push({ id, target_ref, host: new URL(target.url).host.slice(0, 255), on, format });
    }
    return webhooks;
  };
}

/** A chat needs none; whoever needs one and brings none gets one. */
function secretOf({ format, secret }: NamedWebhook, kept: WebhookTarget | null): Omit<WebhookTarget, 'url'> {
  if (!isSigned(format)) return { secret: null };
  if (secret !== null) return { secret };
  const fits = kept?.secret != null && (format !== 'standard' || isStandardSecret(kept.secret));
  return fits ? { secret: kept.secret } : { secret: makeWebhookSecret(), made: true };
}

/** What the vault holds of a webhook; null when that is gone. */
export async function webhookTarget(ref: string, { vault }: Pick<ApiDeps, 'vault'>): Promise<WebhookTarget | null> {
  return vault.get(ref).then(
    (text) => JSON.parse(text) as WebhookTarget,
    () => null,
  );
}

/** Webhooks as they are shown. `fresh`: a secret that was made for this very answer is shown in it, and never again. */
export async function shownWebhooks(
  webhooks: readonly Webhook[],
  fresh: ReadonlySet<string>,
  deps: Pick<ApiDeps, 'vault'>,
) {
  return Promise.all(
    webhooks.map(async ({ id, host, on, format, target_ref }) => {
      const target = await webhookTarget(target_ref, deps);
      const secret = target?.made && fresh.has(target_ref) ? target.secret : null;
      return { id, host, on, format, has_secret: target?.secret != null, ...(secret === null ? {} : { secret }) };
    }),
  );
}
