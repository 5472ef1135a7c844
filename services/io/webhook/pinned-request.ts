import { type LookupAddress, lookup as lookupName } from 'node:dns';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { promisify } from 'node:util';
import type { CidrSet } from '../../floor/cidr.ts';
import { isForbidden, isForbiddenHost } from './forbidden-address.ts';

/** Every address of a name. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

export type Post = {
  readonly url: URL;
  readonly body: string;
  /** Sent wherever the body goes. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the origin of `url` alone: what proves who we are. */
  readonly proof: Readonly<Record<string, string>>;
  readonly allow: CidrSet | null;
  readonly resolve?: Resolve | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** `status` is null when nothing was answered; `reason` names neither the address nor what was answered. */
export type Posted = {
  readonly status: number | null;
  readonly reason: string;
  readonly retryAfter: string | null;
  /** The address is one to which nothing may go. */
  readonly forbidden: boolean;
};

type Failure = Error & { code?: string };

const mostRedirects = 3;
const mostAnswerBytes = 16 * 1024;
const usualResolve: Resolve = (name) => promisify(lookupName)(name, { all: true, verbatim: true });

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'cut the connection',
  ENOTFOUND: 'has a name that nobody knows',
  EAI_AGAIN: 'has a name that cannot be looked up now',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
  ETIMEDOUT: 'cannot be reached',
  ABORT_ERR: 'was not waited for',
  CERT_HAS_EXPIRED: 'shows a certificate that has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'shows a certificate that nobody signed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows the certificate of another host',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'shows a certificate that cannot be verified',
  FORBIDDEN_ADDRESS: 'is at an address to which nothing may go (CRAFTING_NOTIFY_ALLOW)',
};

/**
 * Posts to an address that somebody else wrote down. The name is looked up once, every address is judged, and the connection
 * goes to a judged one: a second lookup, which could answer another address, never happens. Redirections that keep the
 * method are followed, three at most, each judged the same way. Never throws; never more than 10 s and 16 KiB of answer.
 */
export async function postPinned(post: Post): Promise<Posted> {
  const limit = AbortSignal.timeout(post.timeoutMs ?? 10_000);
  const signal = post.signal ? AbortSignal.any([limit, post.signal]) : limit;
  try {
    return await follow({ ...post, signal }, post.url, mostRedirects);
  } catch (error) {
    const code = limit.aborted ? 'TIMEOUT' : ((error as Failure).code ?? 'UNKNOWN');
    const words = limit.aborted ? 'did not answer in time' : (reasons[code] ?? `cannot be spoken to (${code})`);
    return none(words, code === 'FORBIDDEN_ADDRESS');
  }
}

const none = (reason: string, forbidden = false): Posted => ({ status: null, reason, retryAfter: null, forbidden });

async function follow(post: Post, url: URL, left: number): Promise<Posted> {
  const answer = await send(post, url);
  const status = answer.statusCode ?? 0;
  const { location, 'retry-after': retryAfter = null } = answer.headers;
  if (status < 300 || status > 399) return { status, reason: `answered ${status}`, retryAfter, forbidden: false };
  const next = location === undefined ? null : URL.parse(location, url.href);
  const no = (reason: string): Posted => ({ status, reason, retryAfter: null, forbidden: false });
  // With 301 to 303 the body would be lost, and the answer to a bare GET would look like success.
  if (![307, 308].includes(status)) return no(`answered ${status}, and only 307 and 308 lead a notice on`);
  if (!next || !['http:', 'https:'].includes(next.protocol)) return no('redirects to nowhere');
  if (url.protocol === 'https:' && next.protocol === 'http:') return no('redirects from https to http');
  if (next.username !== '' || next.password !== '') return no('redirects to an address with a password');
  return left === 0 ? no(`redirects more than ${mostRedirects} times`) : follow(post, next, left - 1);
}

/** One request over a connection of its own; resolves when it is answered. What else is said is let in for a while, unread. */
async function send(post: Post, url: URL): Promise<IncomingMessage> {
  if (isForbiddenHost(url.hostname, post.allow)) throw refused();
  const proof = url.origin === post.url.origin ? post.proof : {};
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    headers: { ...post.headers, ...proof, 'content-length': Buffer.byteLength(post.body) },
    lookup: pinningLookup(post),
    ...(post.signal ? { signal: post.signal } : {}),
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options);
  outgoing.on('error', reject);
  outgoing.on('response', (answer) => {
    let size = 0;
    answer.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostAnswerBytes) outgoing.destroy();
    });
    answer.on('error', () => {});
    resolve(answer);
  });
  outgoing.end(post.body);
  return promise;
}

function pinningLookup({ allow, resolve = usualResolve }: Post): LookupFunction {
  return (name, { all }, callback) => {
    resolve(name).then(
      (found) => {
        const [first] = found;
        const error = first ? refused() : Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
        // One bad address is enough: which of them would be taken is not ours to say.
        if (!first || found.some(({ address }) => isForbidden(address, allow))) callback(error, '', 0);
        else if (all) callback(null, [...found]);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, '', 0),
    );
  };
}

function refused(): Failure {
  return Object.assign(new Error('the address is forbidden'), { code: 'FORBIDDEN_ADDRESS' });
}
