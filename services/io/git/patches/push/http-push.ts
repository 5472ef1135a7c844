import * as fs from 'node:fs';
import type { Agent } from 'node:http';
import type { HttpClient } from 'isomorphic-git';
import { AppError } from '../../../../floor/app-error.ts';
import { remoteFailure } from '../../mirrors/git-failure.ts';
import type { ProcessResult } from '../../mirrors/git-processes.ts';
import { authorization } from '../../mirrors/git-secrets.ts';
import { unlessAborted } from '../../mirrors/joined-run.ts';
import type { Remote } from '../../mirrors/remote-url.ts';
import { flushLine, packetLine, type ReceiveReport, readReport } from './receive-report.ts';

/** `objects` are all that the server lacks, to be found in the bare repository `gitDir`; null for `expect`: no such ref yet. */
type HttpPush = {
  remote: Remote;
  gitDir: string;
  commit: string;
  ref: string;
  expect: string | null;
  objects: () => Promise<readonly string[]>;
};

/** `found` is what the server said to have before anything was sent. */
type HttpPushResult = { found: string | null; report: ReceiveReport | undefined };

type HttpDeps = { timeoutMs: number; stopping: AbortSignal };

const none = '0'.repeat(40);
const largestAnswer = 1024 * 1024;

/**
 * Moves a ref of an http(s) server, unless it is there already or is not where it is expected: then nothing is sent. The
 * server itself compares the expected commit once more. No redirect is followed, since the credential would go along.
 * AppError as `remoteFailure`.
 */
export async function pushOverHttp(deps: HttpDeps, push: HttpPush): Promise<HttpPushResult> {
  return overHttp(deps, push, (line) => exchange(push, line));
}

async function overHttp(
  deps: HttpDeps,
  { remote, ref }: Pick<HttpPush, 'remote' | 'ref'>,
  work: (line: Line) => Promise<HttpPushResult>,
): Promise<HttpPushResult> {
  const timeout = AbortSignal.timeout(deps.timeoutMs);
  const signal = AbortSignal.any([timeout, deps.stopping]);
  const agent = await openAgent(remote.url);
  try {
    return await unlessAborted(work({ signal, agent }), signal);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const stopped = timeout.aborted ? 'timeout' : deps.stopping.aborted ? 'closing' : undefined;
    const stderr = `fatal: pushing ${ref}: ${wordsOf(error)}`;
    throw remoteFailure({ code: 128, stdout: '', stderr, stopped } satisfies ProcessResult, remote, deps.timeoutMs);
  } finally {
    agent.destroy();
  }
}

type Line = { readonly signal: AbortSignal; readonly agent: Agent };

/** Connections of one push. Those of Node's own agent end after five silent seconds, and a hook may take longer. */
async function openAgent(url: string): Promise<Agent> {
  const { Agent } = url.startsWith('https:') ? await import('node:https') : await import('node:http');
  return new Agent({ keepAlive: true });
}

type Place = Pick<HttpPush, 'remote' | 'ref'>;

/** What the server has there, and what it and we can do. */
async function advertised({ remote, ref }: Place, line: Line) {
  const [{ getRemoteInfo2 }, http] = await Promise.all([import('isomorphic-git'), createClient(line)]);
  const secret = authorization(remote);
  const headers: Record<string, string> = secret === undefined ? {} : { Authorization: secret };
  const { url } = remote;
  const info = await getRemoteInfo2({ http, url, headers: { ...headers }, forPush: true, protocolVersion: 1 });
  const found = info.refs?.find((each) => each.ref === ref)?.oid ?? null;
  const able = ['report-status', 'side-band-64k', 'ofs-delta'].filter((name) => name in info.capabilities);
  return { http, headers, found, able };
}

type Asking = Pick<Awaited<ReturnType<typeof advertised>>, 'http' | 'headers' | 'able'>;

/** Sends what is to be done, and reads what the server says of it. */
async function received({ http, headers, able }: Asking, { url }: Remote, body: readonly Uint8Array[]) {
  const answer = await http.request({
    url: `${url}/git-receive-pack`,
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/x-git-receive-pack-request',
      accept: 'application/x-git-receive-pack-result',
    },
    body: body as never,
  });
  if (answer.statusCode !== 200) throw new Error(`The requested URL returned error: ${answer.statusCode}`);
  return readReport(await collect(answer.body), able.includes('side-band-64k'));
}

async function exchange(push: HttpPush, line: Line): Promise<HttpPushResult> {
  const { remote, ref, commit, expect } = push;
  const { http, headers, found, able } = await advertised(push, line);
  if (found === commit || found !== expect) return { found, report: undefined };
  const { packObjects } = await import('isomorphic-git');
  const { packfile } = await packObjects({ fs, gitdir: push.gitDir, oids: [...(await push.objects())] });
  const order = packetLine(`${expect ?? none} ${commit} ${ref}\0 ${able.join(' ')}\n`);
  const report = await received({ http, headers, able }, remote, [order, flushLine, packfile ?? Buffer.alloc(0)]);
  return { found, report };
}

/** Removes a ref that is where it is expected to be; the server compares as well. Nothing is sent when it is not. */
export async function removeOverHttp(
  deps: HttpDeps,
  { remote, ref, expect }: Pick<HttpPush, 'remote' | 'ref'> & { expect: string },
): Promise<HttpPushResult> {
  return overHttp(deps, { remote, ref }, async (line) => {
    const { http, headers, found, able } = await advertised({ remote, ref }, line);
    if (found !== expect) return { found, report: undefined };
    const order = packetLine(`${expect} ${none} ${ref}\0 ${able.join(' ')}\n`);
    return { found, report: await received({ http, headers, able }, remote, [order, flushLine]) };
  });
}

async function createClient(line: Line): Promise<HttpClient> {
  const { request } = await import('isomorphic-git/http/node');
  return { request: (asked) => request({ ...asked, ...line, fetchOptions: { followRedirects: false } } as never) };
}

async function collect(body: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > largestAnswer) throw new Error('the answer to a push is longer than 1 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// isomorphic-git keeps the status of an answer apart from its sentence.
function wordsOf(error: unknown): string {
  const data = error instanceof Error && 'data' in error ? error.data : undefined;
  const status = typeof data === 'object' && data !== null && 'statusCode' in data ? data.statusCode : undefined;
  if (typeof status === 'number') return `The requested URL returned error: ${status}`;
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
