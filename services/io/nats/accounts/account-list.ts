import type { Config } from '../../../config.ts';
import type { Log } from '../../log.ts';
import type { EmbeddedServer } from '../server/embedded-server.ts';
import { hostInUrl, isLoopback, isWildcard, listenAddress } from '../server/listen-address.ts';
import { operatorBlock } from '../server/server-config.ts';
import type { ClientAccount } from './account-subjects.ts';
import { accountApiPrefix } from './account-subjects.ts';
import { isUserKey } from './user-key.ts';

/** Who else may connect to the log's server, and what they need to know. */
export type AccountList = {
  /**
   * Lets exactly these in. On a server that is not ours nothing can be done, and nothing is: its operator adds what
   * `block` says. Throws AppError('internal') or ('unavailable') when the server keeps to those it knew.
   */
  admit(accounts: readonly ClientAccount[]): Promise<void>;
  /** Where client accounts connect, or null when that is for the operator of the server to say. */
  readonly url: string | null;
  /** What client accounts say instead of `$JS.API`. */
  readonly apiPrefix: string;
  /** What the operator of a server that is not ours has to add to its configuration; null when we do that ourselves. */
  readonly block: (account: ClientAccount) => string | null;
  /** Who reaches the server, in words, when that is more than this machine; else null. */
  readonly reach: string | null;
};

/** The accounts of the embedded server, or, without one, of the server at CRAFTING_NATS_URL. */
export function openAccountList(server: EmbeddedServer | null, config: Config, log: Log): AccountList {
  if (!server)
    return { admit: async () => {}, url: null, apiPrefix: accountApiPrefix, block: operatorBlock, reach: null };
  const { host } = listenAddress(config.natsListen);
  const reach = reachOf(host, config);
  if (reach !== null && !config.natsTls) log.warn({ listen: config.natsListen }, reach);
  return {
    admit: async (accounts) => server.admit(distinct(accounts, log)),
    url: accountUrl(server, host, config),
    apiPrefix: accountApiPrefix,
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

function accountUrl({ url, certificate }: EmbeddedServer, host: string, { publicUrl }: Config): string {
  const { port } = new URL(url);
  const known = isWildcard(host) && publicUrl ? new URL(publicUrl).hostname : hostInUrl(host);
  return `${certificate ? 'tls' : 'nats'}://${known}:${port}`;
}

/** One bad key, or one that is named twice, and the server refuses the whole file: who came first keeps it. */
function distinct(accounts: readonly ClientAccount[], log: Log): ClientAccount[] {
  const keys = new Set<string>();
  return accounts.filter(({ account, publicKey }) => {
    const good = isUserKey(publicKey) && !keys.has(publicKey);
    if (!good) log.warn({ account }, 'an account has no key of its own and is not let in');
    keys.add(publicKey);
    return good;
  });
}
