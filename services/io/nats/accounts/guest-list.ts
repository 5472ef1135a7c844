import type { Config } from '../../../config.ts';
import type { Log } from '../../log.ts';
import type { EmbeddedServer } from '../embedded-server.ts';
import { hostInUrl, isLoopback, isWildcard, listenAddress } from '../listen-address.ts';
import { guestApiPrefix, operatorBlock } from '../server-config.ts';
import type { Guest } from './guest-account.ts';
import { isUserKey } from './user-key.ts';

/** Who else may connect to the log's server, and what they need to know. */
export type GuestList = {
  /**
   * Lets exactly these in. On a server that is not ours nothing can be done, and nothing is: its operator adds what
   * `block` says. Throws AppError('internal') or ('unavailable') when the server keeps to those it knew.
   */
  admit(guests: readonly Guest[]): Promise<void>;
  /** Where guests connect, or null when that is for the operator of the server to say. */
  readonly url: string | null;
  /** What guests say instead of `$JS.API`. */
  readonly apiPrefix: string;
  /** What the operator of a server that is not ours has to add to its configuration; null when we do that ourselves. */
  readonly block: (guest: Guest) => string | null;
  /** Who reaches the server, in words, when that is more than this machine; else null. */
  readonly reach: string | null;
};

/** The guests of the embedded server, or, without one, of the server at CRAFTING_NATS_URL. */
export function openGuestList(server: EmbeddedServer | null, config: Config, log: Log): GuestList {
  if (!server)
    return { admit: async () => {}, url: null, apiPrefix: guestApiPrefix, block: operatorBlock, reach: null };
  const { host } = listenAddress(config.natsListen);
  const reach = reachOf(host, config);
  if (reach !== null && !config.natsTls) log.warn({ listen: config.natsListen }, reach);
  return {
    admit: async (guests) => server.admit(distinct(guests, log)),
    url: guestUrl(server, host, config),
    apiPrefix: guestApiPrefix,
    block: () => null,
    reach,
  };
}

function reachOf(host: string, { natsListen, natsTls }: Config): string | null {
  if (isLoopback(host)) return null;
  return natsTls
    ? `the log's server listens at ${natsListen}, beyond this machine, with TLS`
    : `the log's server listens at ${natsListen}, beyond this machine, WITHOUT TLS: what subscribers read can be read on the way (CRAFTING_NATS_TLS_CERT, CRAFTING_NATS_TLS_KEY)`;
}

function guestUrl({ url, certificate }: EmbeddedServer, host: string, { publicUrl }: Config): string {
  const { port } = new URL(url);
  const known = isWildcard(host) && publicUrl ? new URL(publicUrl).hostname : hostInUrl(host);
  return `${certificate ? 'tls' : 'nats'}://${known}:${port}`;
}

/** One bad key, or one that is named twice, and the server refuses the whole file: who came first keeps it. */
function distinct(guests: readonly Guest[], log: Log): Guest[] {
  const keys = new Set<string>();
  return guests.filter(({ account, publicKey }) => {
    const good = isUserKey(publicKey) && !keys.has(publicKey);
    if (!good) log.warn({ account }, 'a guest has no key of its own and is not let in');
    keys.add(publicKey);
    return good;
  });
}
