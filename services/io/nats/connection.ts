import { X509Certificate } from 'node:crypto';
import type { ConnectionOptions as TlsConnecting } from 'node:tls';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { Log } from '../log.ts';
import { accountApiPrefix } from './accounts/account-subjects.ts';
import { readCredentials } from './accounts/read-credentials.ts';
import { serverAddress } from './server-address.ts';

export type Nats = {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** The server's version, such as 2.9.10. */
  readonly version: string;
  /** The runner whose account of its own we are in, which may do what a runner does and nothing else; or null. */
  readonly account: string | null;
};

type NatsTarget = {
  url: string;
  user?: string;
  pass?: string;
  creds?: string | null;
  /** The one certificate, in PEM, that the server must show, whatever name it is for. */
  certificate?: string | null;
  name: string;
  log: Log;
};

/**
 * Connects, and reconnects for ever after. A user and a password may stand in the URL. Throws AppError('unavailable') when
 * the first connection fails, ('misconfigured') when the server does not let us in.
 */
export async function connectNats(target: NatsTarget): Promise<Nats> {
  const { url, user, pass, creds, certificate, name, log } = target;
  const address = serverAddress(url);
  const credentials = creds ? await readCredentials(creds) : null;
  const account = credentials?.runner ?? null;
  const options: NodeConnectionOptions = {
    ...address,
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    reconnectJitter: 50,
    pingInterval: 10_000,
    maxPingOut: 2,
    // A stack captured for every request, in case it should fail, costs a tenth of an append.
    noAsyncTraces: true,
    timeout: 5_000,
    ...(user && pass ? { user, pass } : {}),
    ...(certificate ? { tls: pinned(certificate) } : {}),
    ...(credentials ? { authenticator: credentials.authenticator } : {}),
  };
  try {
    const connection = await connect(options);
    void report(connection, log);
    const jsOptions = { timeout: 5_000, ...(account ? { apiPrefix: accountApiPrefix } : {}) };
    return {
      connection,
      js: jetstream(connection, jsOptions),
      jsm: await jetstreamManager(connection, { ...jsOptions, checkAPI: false }),
      version: connection.info?.version ?? 'unknown',
      account,
    };
  } catch (cause) {
    const where = address.servers.map((server) => new URL(server).host).join(', ');
    if (/authorization|authentication/i.test(messageOf(cause)))
      throw new AppError(
        'misconfigured',
        `The log at ${where} does not let us in; look at the user in CRAFTING_NATS_URL, or at CRAFTING_NATS_CREDS.`,
        { cause },
      );
    throw new AppError('unavailable', `The log at ${where} cannot be reached: ${messageOf(cause)}.`, { cause });
  }
}

/** Our own server is known by its certificate itself: that is made for the name by which others reach it. */
function pinned(certificate: string): NonNullable<NodeConnectionOptions['tls']> {
  const { fingerprint256 } = new X509Certificate(certificate);
  const checks: TlsConnecting = {
    allowPartialTrustChain: true,
    checkServerIdentity: (_name, shown) =>
      shown.fingerprint256 === fingerprint256 ? undefined : new Error('the server shows another certificate'),
  };
  return { ca: certificate, ...checks } as NonNullable<NodeConnectionOptions['tls']>;
}

async function report(connection: NatsConnection, log: Log): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') log.warn({}, 'connection to the log lost');
    if (status.type === 'reconnect') log.info({}, 'connection to the log is back');
    if (status.type === 'error') log.warn({ error: String(status.error) }, 'the log refused something');
  }
}
