import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { parse } from 'acorn';
import { noBrowser, openBrowser, policyFaults, signIn, visit } from '../../support/browser.ts';
import { openFarm } from '../../support/farm.ts';

const farm = await openFarm({ env: { CRAFTING_PUBLIC_URL: 'http://farm.example/table' } });
after(() => farm.close());

const html = { accept: 'text/html,application/xhtml+xml' };
const ask = (path: string, headers: Record<string, string> = html) =>
  fetch(`${farm.url}${path}`, { headers, redirect: 'manual' });

/** Every file that the document of a page names. */
const namedIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/(?:href|src)="(\/[^"]*\/web\/[^"]+)"/g)].map(([, path]) => path ?? '')),
];

test('a page is a document without data, under a policy that runs our own files alone', async () => {
  const answer = await ask('/table/ui/findings/7');
  assert.equal(answer.status, 200);
  const policy = answer.headers.get('content-security-policy') ?? '';
  assert.doesNotMatch(policy, /unsafe-|\*|http:|https:|data:/);
  for (const part of [
    "default-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
  ])
    assert.ok(policy.includes(part), part);
  assert.equal(answer.headers.get('cache-control'), 'no-cache');
  assert.equal(await (await ask('/table/ui/findings/8')).text(), await answer.text());
});

test('what a first visit of the overview sends is compressed, unchanging, and at most 100 kB', async () => {
  const document = await (await ask('/table/ui/')).text();
  let sent = Buffer.byteLength(document);
  for (const path of namedIn(document)) {
    const answer = await ask(path, { 'accept-encoding': 'gzip' });
    assert.equal(answer.status, 200, path);
    const bytes = Buffer.from(await answer.arrayBuffer());
    sent += gzipSync(bytes, { level: 9 }).length;
    if (path.endsWith('/icon.svg')) continue;
    assert.match(answer.headers.get('cache-control') ?? '', /immutable/, path);
    assert.equal(answer.headers.get('content-encoding'), 'gzip', path);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/(javascript|css)/, path);
    assert.ok(!path.endsWith('.ts') || !/^(import type|export type)/m.test(bytes.toString()), `${path} has types`);
  }
  assert.ok(sent <= 100_000, `${sent} bytes`);
});

test('every page and every part of the pages can be sent, and is JavaScript', async () => {
  const { openWebAssets } = await import('../../../services/web/web-assets.ts');
  const { pages } = await import('../../../services/web/rules/page-table.ts');
  const assets = openWebAssets();
  const { texts } = assets.sources();
  for (const { module } of pages) assert.ok(texts.has(`pages/${module}`), module);
  // What a button asks stands behind `</>` too. What changes findings is offered by the pages of findings.
  const asks = /\bask(?:<[^(]*>)?\(\s*(?:'(?:POST|PUT|PATCH|DELETE)'|method)/;
  const silent = [...texts].filter(([, text]) => asks.test(text) && !text.includes('useOffered('));
  assert.deepEqual(
    silent.map(([path]) => path).filter((path) => !path.startsWith('state/')),
    ['pages/findings/triage.ts'],
  );
  for (const path of texts.keys()) {
    const asset = await assets.file(path, 'identity');
    assert.ok(asset, path);
    if (path.endsWith('.ts'))
      assert.doesNotThrow(() => parse(asset.bytes.toString(), { ecmaVersion: 'latest', sourceType: 'module' }), path);
  }
  const one = await assets.file('style.css', 'gzip');
  const same = await assets.file('style.css', 'br');
  assert.equal(gunzipSync(one?.bytes ?? '').toString(), texts.get('style.css'));
  assert.deepEqual(same?.bytes.length, brotliCompressSync(texts.get('style.css') ?? '', { params: { 1: 9 } }).length);
});

test('an address that is no page has a page that says so, and an old address of a file is not found', async () => {
  const lost = await ask('/table/ui/nowhere/at/all');
  assert.equal(lost.status, 404);
  assert.match(await lost.text(), /<div id="app">/);
  assert.equal((await ask('/table/web/AAAAAAAAAAAAAAAA/style.css')).status, 404);
  const { hash } = (await (await ask('/table/web/version')).json()) as { hash: string };
  assert.equal((await ask(`/table/web/${hash}/../../../package.json`)).status, 401);
  assert.equal((await ask(`/table/web/${hash}/..%2fserve-pages.ts`)).status, 404);
});

test('a program that asks for JSON where a page is gets what it got before', async () => {
  const answer = await ask('/table/jobs', { accept: '*/*' });
  assert.equal(answer.status, 401);
  assert.match(answer.headers.get('content-type') ?? '', /problem\+json|json/);
  const known = await ask('/table/jobs', { accept: '*/*', authorization: `Bearer ${farm.admin}` });
  assert.equal(known.status, 200);
  for (const { headers } of [answer, known]) {
    assert.equal(headers.get('cache-control'), 'private, no-cache');
    assert.equal(headers.get('vary'), 'accept, authorization, cookie');
  }
});

test('behind a path of a proxy every address that a page asks for lies under it', { skip: noBrowser }, async () => {
  const browser = await openBrowser();
  try {
    const person = await visit(browser, { url: `${farm.url}/table` });
    await signIn(person, farm.admin);
    await person.page.locator('.side a', { hasText: 'Projects' }).click();
    assert.equal(
      await person.page.locator('#add pre').textContent(),
      `crafting-table login --server ${farm.url}/table\ncrafting-table projects add --detect GIT_URL`,
    );
    await person.page.locator('.side a', { hasText: 'Jobs' }).click();
    await person.page.waitForURL(`${farm.url}/table/ui/jobs`);
    await person.page.waitForSelector('.live.live');
    assert.deepEqual([...person.faults, ...(await policyFaults(person.page))], []);
  } finally {
    await browser.close();
  }
});
