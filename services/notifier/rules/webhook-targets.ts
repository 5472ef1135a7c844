import { type Static, Type } from '@sinclair/typebox';
import { closed, Name, oneOf, text } from '../../../events/fields.ts';
import { type WebhookFormat, webhookFormats } from '../../../events/projects/project.ts';
import { noticeWords } from '../../../projections/notices/notice-words.ts';
import type { Fault } from '../../floor/app-error.ts';

/** A webhook as people send it. Without `url` it is the one of this id, as it is kept; what GET shows changes nothing. */
export const WebhookInput = closed({
  id: Type.Optional(Name),
  url: Type.Optional(text(2048, 1)),
  secret: Type.Optional(text(256, 8)),
  on: Type.Array(text(64, 1), { minItems: 1, maxItems: 64 }),
  format: Type.Optional(oneOf(webhookFormats)),
  host: Type.Optional(text(255)),
  has_secret: Type.Optional(Type.Boolean()),
});
export type WebhookInput = Static<typeof WebhookInput>;

/** A webhook as it is shown. */
export const WebhookShown = Type.Object({
  id: Type.String(),
  host: Type.String(),
  on: Type.Array(Type.String()),
  format: Type.String(),
  has_secret: Type.Boolean(),
  /** Only in the answer to the request that made it. */
  secret: Type.Optional(Type.String()),
});

export const mostWebhooks = 16;

/** A webhook with everything that may be said of it outside of the vault. */
export type NamedWebhook = {
  readonly id: string;
  readonly url: string | null;
  readonly secret: string | null;
  readonly on: string[];
  readonly format: WebhookFormat;
};

/** Gives each webhook its id; one without takes its format, and a number when that is taken. */
export function namedWebhooks(inputs: readonly WebhookInput[]): NamedWebhook[] {
  const taken = new Set(inputs.flatMap(({ id }) => id ?? []));
  return inputs.map(({ id, url = null, secret = null, on, format = 'standard' }) => {
    const named = id ?? freeName(format, taken);
    taken.add(named);
    return { id: named, url, secret, on: [...new Set(on)], format };
  });
}

function freeName(format: string, taken: ReadonlySet<string>): string {
  for (let number = 2, name = format; ; number += 1) {
    if (!taken.has(name)) return name;
    name = `${format}-${number}`;
  }
}

/** What is wrong with the webhooks of a document. No message repeats an address or a secret. */
export function webhookFaults(inputs: readonly WebhookInput[]): Fault[] {
  const seen = new Set<string>();
  return inputs.flatMap(({ id, url, secret, on, format = 'standard' }, index): Fault[] => {
    const at = `/body/notify/webhooks/${index}`;
    const faults: Fault[] = [];
    if (id !== undefined && seen.has(id)) faults.push({ path: `${at}/id`, message: `"${id}" stands twice` });
    if (id !== undefined) seen.add(id);
    const wrong = url === undefined ? null : addressFault(url);
    if (wrong !== null) faults.push({ path: `${at}/url`, message: wrong });
    const word = on.findIndex((one) => !noticeWords.includes(one));
    if (word >= 0)
      faults.push({
        path: `${at}/on/${word}`,
        message: `expected one of ${noticeWords.slice(0, 8).join(', ')}, or the name of an event such as PrOpened`,
      });
    if (secret !== undefined && format === 'standard' && !isStandardSecret(secret))
      faults.push({
        path: `${at}/secret`,
        message: 'expected whsec_ with 24 to 64 bytes in base64; leave it out and one is made',
      });
    return faults;
  });
}

function addressFault(text: string): string | null {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) return 'expected an address with http:// or https://';
  if (url.username !== '' || url.password !== '') return 'must not hold a user or a password';
  return url.hostname.length > 253 ? 'has a host name that is too long' : null;
}

/** Whether Standard Webhooks can sign with it. */
export function isStandardSecret(secret: string): boolean {
  const [, key] = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/.exec(secret) ?? [];
  if (key === undefined || key.length % 4 !== 0) return false;
  const { length } = Buffer.from(key, 'base64');
  return length >= 24 && length <= 64;
}
