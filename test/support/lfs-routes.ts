import { createReadStream, existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';

/** What the LFS server does besides serving: sends other bytes, or leads to where objects lie on another origin. */
export type LfsMode = { wrong?: boolean; storage?: string };

type Asked = { operation: string; objects: { oid: string; size: number }[] };

/**
 * The download half of the batch API of Git LFS (docs/api/batch.md, docs/api/basic-transfers.md) over the objects of the
 * repositories below a folder. Answers whether the request was one of its own.
 */
export function serveLfs(root: string, request: IncomingMessage, response: ServerResponse, mode: LfsMode): boolean {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
  const [, repository, rest] = /^\/(.+?)\/info\/lfs\/objects\/(batch|[0-9a-f]{64})$/.exec(url.pathname) ?? [];
  if (repository === undefined || rest === undefined) return false;
  const fileOf = (oid: string) => path.join(root, repository, 'lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid);
  if (rest !== 'batch') {
    if (mode.wrong) response.end('something else');
    else createReadStream(fileOf(rest)).pipe(response);
    return true;
  }
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const asked = JSON.parse(body) as Asked;
    const objects = asked.objects.map(({ oid, size }) => {
      if (!existsSync(fileOf(oid))) return { oid, size, error: { code: 404, message: 'Object does not exist' } };
      const base = mode.storage ?? url.origin;
      const header = mode.storage ? { 'X-Amz-Date': '20261130T000000Z' } : undefined;
      const href = `${base}/${repository}/info/lfs/objects/${oid}`;
      return { oid, size, actions: { download: { href, ...(header ? { header } : {}) } } };
    });
    response.writeHead(200, { 'Content-Type': 'application/vnd.git-lfs+json' });
    response.end(JSON.stringify({ transfer: 'basic', objects, hash_algo: 'sha256' }));
  });
  return true;
}
