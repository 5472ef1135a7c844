import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, isAppError, messageOf } from '../../../../floor/app-error.ts';
import { authorization, redactCredential } from '../../mirrors/git-secrets.ts';
import type { Remote } from '../../mirrors/remote-url.ts';
import { touchObject } from './large-file-cleaning.ts';

/** What a pointer file names: the sha256 of the content, and its bytes. */
export type LargeFile = { readonly oid: string; readonly size: number };

type ObjectSource = {
  /** Whose server is asked: an address of the LFS server with the credential that it may see, or a local repository. */
  readonly server: Remote;
  /** The folder in which objects are kept, as `ab/cd/<oid>`. */
  readonly dir: string;
  readonly signal: AbortSignal;
  /** The time, in ms: what is used now is kept longest. */
  readonly now: number;
};

type Action = { href: string; headers: Record<string, string> };

const mostRedirects = 4;
const longestAnswer = 16 * 1024 * 1024;
/** As many as git-lfs itself asks about at once. */
const batchSize = 100;
const atOnce = 4;

/** Where an object lies, whether or not it is there. */
export function objectPath(dir: string, oid: string): string {
  return path.join(dir, oid.slice(0, 2), oid.slice(2, 4), oid);
}

/**
 * Brings the objects that are not there yet, by the batch API of Git LFS
 * (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md); each is kept only when its bytes have its sha256. A
 * credential is shown to the origin of the server alone. AppError as git against the same remote, with the reason `git_lfs`
 * where an object is not there or is another.
 */
export async function bringObjects(source: ObjectSource, wanted: readonly LargeFile[]): Promise<void> {
  const missing = await absent(source, wanted);
  if (missing.length === 0) return;
  if (source.server.url.startsWith('/')) return copyLocal(source, missing);
  for (let at = 0; at < missing.length; at += batchSize) {
    const batch = missing.slice(at, at + batchSize);
    const actions = await askBatch(source, batch);
    const queue = [...batch];
    const work = async () => {
      for (let file = queue.shift(); file; file = queue.shift()) await download(source, file, actions.get(file.oid));
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }
}

async function absent({ dir, now }: ObjectSource, wanted: readonly LargeFile[]): Promise<LargeFile[]> {
  const apart = [...new Map(wanted.map((file) => [file.oid, file])).values()];
  const there = await Promise.all(apart.map(({ oid }) => isThere(objectPath(dir, oid))));
  // What is used now goes last when room is made.
  await Promise.all(apart.filter((_, at) => there[at]).map(({ oid }) => touchObject(objectPath(dir, oid), now)));
  return apart.filter((_, at) => !there[at]);
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** A local repository keeps its objects as we do. */
async function copyLocal({ server, dir }: ObjectSource, wanted: readonly LargeFile[]): Promise<void> {
  for (const file of wanted) {
    const places = ['lfs/objects', '.git/lfs/objects'].map((at) => objectPath(path.join(server.url, at), file.oid));
    const there = await Promise.all(places.map(isThere));
    const from = places.find((_, at) => there[at]);
    if (from === undefined) throw notThere(server, file);
    await keep({ server, dir }, file, createReadStream(from));
  }
}

async function askBatch(source: ObjectSource, batch: readonly LargeFile[]): Promise<Map<string, Action>> {
  const { server } = source;
  const body = { operation: 'download', transfers: ['basic'], hash_algo: 'sha256', objects: batch };
  const headers = {
    accept: 'application/vnd.git-lfs+json',
    'content-type': 'application/vnd.git-lfs+json',
    ...shown(server),
  };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await ask(source, `${server.url}/objects/batch`, init);
  const answer = await readAnswer(source, response);
  const listed = isRecord(answer) && Array.isArray(answer.objects) ? answer.objects.filter(isRecord) : [];
  return new Map(listed.flatMap((one) => actionOf(one, source)));
}

function actionOf(one: Record<string, unknown>, { server }: ObjectSource): [string, Action][] {
  const { oid, error, actions, authenticated } = one;
  if (typeof oid !== 'string') return [];
  if (isRecord(error)) {
    const words = redactCredential(String(error.message ?? 'no reason given'), server.credential).slice(0, 200);
    throw failure('not_found', `${server.url} has no LFS object ${oid}: ${words}`);
  }
  const download = isRecord(actions) && isRecord(actions.download) ? actions.download : {};
  const href = typeof download.href === 'string' ? URL.parse(download.href, `${server.url}/`) : null;
  if (href === null || !/^https?:$/.test(href.protocol)) return [];
  const given = Object.entries(isRecord(download.header) ? download.header : {});
  const headers = Object.fromEntries(
    given.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
  const isOwn = href.origin === new URL(server.url).origin && authenticated !== true && given.length === 0;
  return [[oid, { href: href.href, headers: isOwn ? shown(server) : headers }]];
}

async function download(source: ObjectSource, file: LargeFile, action: Action | undefined): Promise<void> {
  if (action === undefined) throw notThere(source.server, file);
  const response = await ask(source, action.href, { headers: action.headers });
  if (response.body === null) throw notThere(source.server, file);
  await keep(source, file, Readable.fromWeb(response.body));
}

/** Stores what comes under its name when it is what was named. */
async function keep(
  { server, dir }: Pick<ObjectSource, 'server' | 'dir'>,
  file: LargeFile,
  content: Readable,
): Promise<void> {
  const to = objectPath(dir, file.oid);
  const fresh = `${to}.${randomBytes(6).toString('hex')}.tmp`;
  await mkdir(path.dirname(to), { recursive: true });
  const hash = createHash('sha256');
  let bytes = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(bytes > file.size ? isOther(server, file) : null, chunk);
    },
  });
  try {
    await pipeline(content, check, createWriteStream(fresh));
    if (bytes !== file.size || hash.digest('hex') !== file.oid) throw isOther(server, file);
    await rename(fresh, to);
  } catch (error) {
    await rm(fresh, { force: true });
    throw isAppError(error) || isOwnTrouble(error) ? error : unreachable(server, messageOf(error));
  }
}

/** A full disk is no trouble of the server. */
function isOwnTrouble(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES'].includes(String(error.code))
  );
}

async function ask({ server, signal }: ObjectSource, address: string, init: RequestInit, hops = 0): Promise<Response> {
  const response = await fetch(address, { ...init, redirect: 'manual', signal }).catch((error) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw unreachable(server, messageOf(cause));
  });
  if (response.ok) return response;
  await response.body?.cancel();
  const next = URL.parse(response.headers.get('location') ?? '', address);
  const { status } = response;
  const follows = init.method === undefined || status === 307 || status === 308;
  if (status >= 300 && status < 400 && next !== null && follows && hops < mostRedirects) {
    const isSame = next.origin === new URL(address).origin;
    return ask(
      { server, signal, dir: '', now: 0 },
      next.href,
      isSame ? init : { ...init, headers: withoutCredential(init) },
      hops + 1,
    );
  }
  if (status === 401 || status === 403)
    throw failure(
      'unavailable',
      `The LFS server ${server.url} refuses the credential (${status}).`,
      'git_unauthorized',
    );
  if (status >= 500 || status === 408 || status === 429) throw unreachable(server, `it answers ${status}`);
  throw failure('not_found', `The LFS server ${server.url} answers ${status}.`);
}

function withoutCredential(init: RequestInit): Headers {
  const headers = new Headers(init.headers);
  headers.delete('authorization');
  return headers;
}

async function readAnswer({ server }: ObjectSource, response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > longestAnswer) throw failure('unavailable', `The LFS server ${server.url} answers too much.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw failure('unavailable', `The LFS server ${server.url} answers something that is no JSON.`);
  }
}

function shown(server: Remote): Record<string, string> {
  const header = authorization(server);
  return header === undefined ? {} : { authorization: header };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function notThere({ url }: Remote, { oid }: LargeFile): AppError {
  return failure('not_found', `${url} has no LFS object ${oid}.`);
}

function isOther({ url }: Remote, { oid, size }: LargeFile): AppError {
  return failure('unavailable', `${url} sends something else for the LFS object ${oid} of ${size} bytes.`);
}

function unreachable(server: Remote, why: string): AppError {
  const words = redactCredential(why, server.credential);
  return failure('unavailable', `The LFS server ${server.url} cannot be reached: ${words}.`, 'git_unreachable');
}

function failure(code: 'not_found' | 'unavailable', message: string, name = 'git_lfs'): AppError {
  return new AppError(code, message, { name });
}
