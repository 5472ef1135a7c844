import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from '../api/api-app.ts';
import { withoutBase } from '../api/base-path.ts';
import { AppError } from '../floor/app-error.ts';
import { pagesRoot } from '../floor/page-paths.ts';
import { pageAt } from './rules/page-table.ts';
import { type ShellDocument, shellDocument } from './shell-document.ts';
import { encodingOf, openWebAssets, type WebAssets } from './web-assets.ts';

const year = 31_536_000;

/** A stamp on a bench; it is the only picture. */
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2f6f5e"/><path d="M7 12h18v4H7zM9 16h3v9H9zM20 16h3v9h-3zM13 7h6v3h-6z" fill="#fff"/></svg>';

const schema = { hide: true };

/** The pages hold no data: what a person sees, they ask the API for. Nothing is read before somebody comes. */
export function servePages(app: Api, base: string): void {
  const assets = openWebAssets();
  const documents = new Map<string, ShellDocument>();
  const send = async ({ originalUrl }: FastifyRequest, reply: FastifyReply) => {
    const [pathname = '/'] = withoutBase(originalUrl, base).slice(pagesRoot.length).split('?');
    const found = pageAt(pathname || '/');
    const key = found?.page.path ?? '';
    const known = documents.get(key) ?? shellDocument(assets.sources(), pathname || '/', base);
    documents.set(key, known);
    return reply
      .code(found ? 200 : 404)
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': known.policy,
        'cache-control': 'no-cache',
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'same-origin',
      })
      .send(known.html);
  };
  for (const url of [pagesRoot, `${pagesRoot}/*`]) app.get(url, { schema }, send);
  serveAssets(app, assets);
}

function serveAssets(app: Api, assets: WebAssets): void {
  app.get('/web/version', { schema }, async (_request, reply) =>
    reply
      .headers({ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' })
      .send(JSON.stringify({ hash: assets.sources().hash })),
  );

  app.get('/web/icon.svg', { schema }, async (_request, reply) =>
    reply.headers({ 'cache-control': `max-age=${year}`, 'content-type': 'image/svg+xml' }).send(icon),
  );

  app.get('/web/:hash/*', { schema }, async (request, reply) => {
    const { hash, '*': path } = request.params as { hash: string; '*': string };
    const encoding = encodingOf(String(request.headers['accept-encoding'] ?? ''));
    const asset = hash === assets.sources().hash ? await assets.file(path, encoding) : null;
    if (!asset) throw new AppError('not_found', 'There is nothing at this address.');
    return sendAsset(reply, asset);
  });
}

function sendAsset(
  reply: FastifyReply,
  { type, encoding, bytes }: { type: string; encoding: string; bytes: Buffer },
): FastifyReply {
  if (encoding !== 'identity') reply.header('content-encoding', encoding);
  return reply
    .headers({ 'content-type': type, 'cache-control': `public, max-age=${year}, immutable`, vary: 'accept-encoding' })
    .send(bytes);
}
