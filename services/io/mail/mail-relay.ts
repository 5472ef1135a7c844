import { PassThrough } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Config } from '../../config.ts';
import { messageOf } from '../../floor/app-error.ts';
import { oneLine } from '../../floor/text/escape-text.ts';
import { addressOf } from './compose-mail.ts';

/**
 * What the relay made of a mail. `deferred`: it does not have it, and may take it later. `refused`: it will never take it.
 * `unknown`: the connection broke after the mail had begun to flow, so that it may have it or not.
 */
export type Delivery =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'deferred' | 'refused' | 'unknown'; readonly reason: string };

export type MailRelay = {
  /** Hands over one mail to one address; resolves within `wholeMs`, and never throws. */
  send(mail: Buffer, to: string): Promise<Delivery>;
};

type Smtp = NonNullable<Config['smtp']>;

export type RelaySettings = Smtp & {
  /** How a certificate is judged; by the usual authorities when it is not given. */
  readonly tlsOptions?: ConnectionOptions;
  /** How long one mail may take, in ms. */
  readonly wholeMs?: number;
};

/** Longest time of one mail unless told, in ms: whoever looks later than that knows that nobody is at it any more. */
export const usualWholeMs = 180_000;

type SmtpError = Error & { code?: string | undefined; responseCode?: number | undefined };

/** The relay of the configuration. Port 465 is spoken to over TLS from the start, others are asked for STARTTLS and must have it. */
export function openMailRelay(settings: RelaySettings): MailRelay {
  const { host, port, tls, tlsOptions, wholeMs = usualWholeMs } = settings;
  return {
    send: async (mail, to) => {
      // Loaded with the first mail: it costs 25 MB, and most processes send none.
      const { default: Connection } = await import('nodemailer/lib/smtp-connection');
      const connection = new Connection({
        host,
        port,
        secure: tls && port === 465,
        requireTLS: tls && port !== 465,
        ignoreTLS: !tls,
        connectionTimeout: Math.min(30_000, wholeMs),
        greetingTimeout: Math.min(30_000, wholeMs),
        socketTimeout: Math.min(60_000, wholeMs),
        socketCloseTimeout: 1_000,
        ...(tlsOptions ? { tls: tlsOptions } : {}),
      });
      return handOver(connection, { mail, to, settings, wholeMs });
    },
  };
}

type HandOver = { mail: Buffer; to: string; settings: RelaySettings; wholeMs: number };

function handOver(connection: SMTPConnection, { mail, to, settings, wholeMs }: HandOver): Promise<Delivery> {
  const { promise, resolve } = Promise.withResolvers<Delivery>();
  let flowing = false;
  const end = (delivery: Delivery) => {
    clearTimeout(timer);
    resolve(delivery);
    if (delivery.outcome === 'sent') connection.quit();
    else connection.close();
  };
  const fail = (error: SmtpError) => end(deliveryOf(error, { flowing, settings, to }));
  const timer = setTimeout(() => fail(new Error(`no answer within ${Math.round(wholeMs / 1000)} s`)), wholeMs);
  connection.on('error', fail);
  const send = () => {
    // The library opens the stream only when the relay has said that it waits for the mail.
    const body = new PassThrough();
    const pipe = body.pipe.bind(body);
    body.pipe = ((...to: Parameters<typeof pipe>) => {
      flowing = true;
      return pipe(...to);
    }) as typeof pipe;
    body.end(mail);
    connection.send({ from: addressOf(settings.from), to: [to], size: mail.length }, body, (error) =>
      error ? fail(error) : end({ outcome: 'sent' }),
    );
  };
  connection.connect((error) => {
    if (error) return fail(error);
    if (settings.user === null) return send();
    connection.login({ user: settings.user, pass: settings.password ?? '' }, (refusal) =>
      refusal ? fail(refusal) : send(),
    );
  });
  return promise;
}

type Situation = { flowing: boolean; settings: RelaySettings; to: string };

/**
 * What an error means. A login or a handshake that fails says nothing about the mail: the settings may be mended within the
 * day, so only what the relay says of the mail itself is a refusal.
 */
function deliveryOf(error: SmtpError, { flowing, settings, to }: Situation): Delivery {
  const reason = withoutSecrets(messageOf(error), [settings.password, settings.user, to]);
  const status = error.responseCode ?? 0;
  const ofMail = error.code === 'EENVELOPE' || error.code === 'EMESSAGE';
  if (ofMail && (status >= 500 || status === 0)) return { outcome: 'refused', reason };
  if (status >= 400) return { outcome: 'deferred', reason };
  return flowing ? { outcome: 'unknown', reason } : { outcome: 'deferred', reason };
}

/** Relays like to repeat the address, and some the login. */
function withoutSecrets(text: string, secrets: readonly (string | null)[]): string {
  let clean = oneLine(text, 2_000);
  for (const secret of secrets) {
    if (!secret) continue;
    for (const form of [secret, Buffer.from(secret).toString('base64')])
      clean = clean.replace(new RegExp(form.replace(/[^a-z0-9]/gi, '\\$&'), 'gi'), () => '…');
  }
  return oneLine(clean.replace(/[^\s<>"']+@[^\s<>"']+/g, '…'), 500) || 'no reason given';
}
