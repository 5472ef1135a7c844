import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import { isAppError } from '../../../../services/floor/app-error.ts';
import { appToken } from '../../../../services/io/forge/forge-credential.ts';
import { openGithubForge } from '../../../../services/io/forge/github-forge.ts';
import type { Fetch } from '../../../../services/io/forge/guarded-fetch.ts';
import { movedClock } from '../../../support/moved-clock.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const part = (jwt: string, at: number) => JSON.parse(Buffer.from(jwt.split('.')[at] ?? '', 'base64url').toString());
const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

/** GitHub, as far as its apps go: every token that it gives holds for an hour, or until it is revoked. */
function github(clock: { now(): number }) {
  const asked: { key: string; authorization: string; body: unknown }[] = [];
  const state = { given: 0, revoked: new Set<string>(), installed: true };
  const answer: Fetch = async (input, init = {}) => {
    const authorization = new Headers(init.headers).get('authorization') ?? '';
    const { pathname } = new URL(String(input));
    const key = `${init.method ?? 'GET'} ${pathname}`;
    asked.push({ key, authorization, body: init.body ? JSON.parse(String(init.body)) : null });
    if (pathname.endsWith('/installation'))
      return state.installed ? json(200, { id: 42 }) : json(404, { message: 'Not Found' });
    if (pathname.endsWith('/access_tokens')) {
      state.given += 1;
      const expires_at = new Date(clock.now() + 3_600_000).toISOString();
      return json(201, { token: `ghs_secret${state.given}`, expires_at });
    }
    const bearer = authorization.replace(/^Bearer /, '');
    return state.revoked.has(bearer) ? json(401, { message: `Bad credentials ${bearer}` }) : json(200, []);
  };
  return { asked, state, answer };
}

function begin() {
  const clock = movedClock('2026-01-01T00:00:00Z');
  const forge = github(clock);
  const options = { appId: '123', privateKey: pem, api: 'https://api.github.com', repository: 'acme/shop' };
  const token = appToken({ ...options, fetch: forge.answer, clock });
  return { clock, forge, token };
}

describe('the token of a GitHub App', () => {
  it('is asked for in the name of the app, for one repository, and signed with its key', async () => {
    const { forge, token, clock } = begin();
    assert.equal(await token.get(), 'ghs_secret1');
    assert.deepEqual(
      forge.asked.map(({ key, body }) => [key, body]),
      [
        ['GET /repos/acme/shop/installation', null],
        ['POST /app/installations/42/access_tokens', { repositories: ['shop'] }],
      ],
    );
    const jwt = forge.asked[0]?.authorization.replace(/^Bearer /, '') ?? '';
    assert.deepEqual(part(jwt, 0), { alg: 'RS256', typ: 'JWT' });
    const { iat, exp, iss } = part(jwt, 1);
    assert.deepEqual([iat, exp - iat, iss], [clock.now() / 1000 - 60, 600, '123']);
    const [head, claims, signature] = jwt.split('.');
    const signed = Buffer.from(`${head}.${claims}`);
    const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }));
    assert.ok(verify('RSA-SHA256', signed, key, Buffer.from(signature ?? '', 'base64url')));
  });

  it('is kept until shortly before it ends, and asked for once by many', async () => {
    const { forge, token, clock } = begin();
    assert.deepEqual(await Promise.all([token.get(), token.get()]), ['ghs_secret1', 'ghs_secret1']);
    clock.set(clock.now() + 54 * 60_000);
    assert.equal(await token.get(), 'ghs_secret1');
    clock.set(clock.now() + 2 * 60_000);
    assert.equal(await token.get(), 'ghs_secret2');
    assert.equal(forge.state.given, 2);
  });

  it('is another one after GitHub has not taken it, and stands in no message', async () => {
    const { forge, token } = begin();
    const options = { url: 'https://github.com', token, repository: 'acme/shop', fetch: forge.answer, pace: false };
    const shop = openGithubForge(options);
    await shop.findPull('a', 'main');
    forge.state.revoked.add('ghs_secret1');
    await assert.rejects(shop.findPull('a', 'main'), (error) => {
      assert.ok(isAppError(error, 'unauthorized') && error.reason === 'forge_credential', String(error));
      return !error.message.includes('ghs_secret1');
    });
    assert.equal(await shop.findPull('a', 'main'), null);
    assert.equal(forge.asked.at(-1)?.authorization, 'Bearer ghs_secret2');
  });

  it('is not to be had where the app is not installed, which is said in words', async () => {
    const { forge, token } = begin();
    forge.state.installed = false;
    await assert.rejects(
      token.get(),
      (error) => isAppError(error, 'forbidden') && /not installed for acme\/shop/.test(error.message),
    );
    forge.state.installed = true;
    assert.equal(await token.get(), 'ghs_secret1');
  });
});
