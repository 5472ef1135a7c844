import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { AppError } from '../../floor/app-error.ts';
import type { Provider } from './provider-file.ts';

type ProviderCall = {
  readonly provider: Provider;
  readonly method: string;
  /** Path and query behind the provider's URL. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  readonly signal: AbortSignal;
};

/** What became of a request that got no answer. */
export class NoAnswer extends AppError {
  /** Whether the provider may have begun with it. */
  readonly wasSent: boolean;

  constructor(message: string, wasSent: boolean) {
    super('unavailable', message, { retryAfterSecs: 2 });
    this.wasSent = wasSent;
  }
}

const agents = {
  http: new HttpAgent({ keepAlive: true, maxFreeSockets: 64 }),
  https: new HttpsAgent({ keepAlive: true, maxFreeSockets: 64 }),
};
/** Errors before a connection stands: nothing was sent. */
const unsent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Sends a request with the real key, and resolves with the head of the answer. A redirection is not followed. Throws NoAnswer. */
export async function askProvider(call: ProviderCall): Promise<IncomingMessage> {
  try {
    return await send(call, true);
  } catch (error) {
    // A connection that was kept may have been closed by the other side just when it was used again.
    if (error instanceof StaleConnection) return send(call, false);
    throw error;
  }
}

class StaleConnection extends Error {}

function send(
  { provider, method, target, headers, body, signal }: ProviderCall,
  kept: boolean,
): Promise<IncomingMessage> {
  const url = new URL(`${provider.url}${target}`);
  const secure = url.protocol === 'https:';
  const length = body === null ? {} : { 'content-length': String(body.length) };
  const options = {
    method,
    agent: kept ? (secure ? agents.https : agents.http) : (false as const),
    headers: { ...headers, ...length, ...keyHeader(provider) },
    signal,
  };
  return new Promise((resolve, reject) => {
    const outgoing = (secure ? requestHttps : requestHttp)(url, options, resolve);
    outgoing.setNoDelay(true);
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (outgoing.reusedSocket && error.code === 'ECONNRESET' && kept) return reject(new StaleConnection());
      // What the error carries could repeat what was sent: only its code is passed on.
      const wasSent = !unsent.has(error.code ?? '');
      reject(new NoAnswer(`The provider ${provider.name} gave no answer (${error.code ?? 'broken off'}).`, wasSent));
    });
    outgoing.end(body ?? undefined);
  });
}

function keyHeader({ kind, key }: Provider): Record<string, string> {
  if (kind === 'anthropic') return { 'x-api-key': key };
  if (kind === 'gemini') return { 'x-goog-api-key': key };
  return { authorization: `Bearer ${key}` };
}
