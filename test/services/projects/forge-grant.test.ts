import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { findForge } from '../../../services/floor/forges/choose-forge.ts';
import { coversRepository as covers } from '../../../services/floor/forges/repository-pattern.ts';
import { pushRight } from '../../../services/io/forge/push-right.ts';
import { forgeGrant, type GrantFacts } from '../../../services/projects/rules/forge-grant.ts';

const facts: GrantFacts = {
  project: { name: 'shop', owner: 'payments', credential_ref: 'ref-1' },
  choice: { kind: 'gitea', repository: 'acme/app' },
  ownedByAdmin: false,
  grants: [],
  access: undefined,
  nowMs: Date.parse('2026-01-02T00:00:00.000Z'),
};
const access = {
  project: 'shop',
  owner: 'payments',
  forge: 'gitea' as const,
  repository: 'Acme/App',
  credential_ref: 'ref-1',
  can_push: true,
  detail: null,
  checked_at: '2026-01-01T12:00:00.000Z',
};

test('a pattern takes whole parts of owner/name, whatever their case', () => {
  for (const [pattern, repository, taken] of [
    ['acme/app', 'acme/app', true],
    ['Acme/App', 'acme/app', true],
    ['acme/*', 'acme/app', true],
    ['*', 'acme/app', true],
    ['*/app', 'acme/app', true],
    ['acme/a*p', 'acme/app', true],
    ['acme/*pp*', 'acme/app', true],
    ['acme/a*a', 'acme/a', false],
    ['acme/app', 'acme/app2', false],
    ['acme/*', 'acme-evil/app', false],
    ['acme*', 'acme/app', false],
    ['acme/*', 'acme', false],
    ['acme/*/*', 'acme/app', false],
  ] as const)
    assert.equal(covers(pattern, repository), taken, `${pattern} ${repository}`);
  assert.equal(covers(`a/${'*a'.repeat(50)}b`, `a/${'a'.repeat(100)}`), false);
});

test('the farm’s token is used for an admin’s project, under a grant, or on the forge’s word, and else not', () => {
  const by = (more: Partial<GrantFacts>) => {
    const grant = forgeGrant({ ...facts, ...more });
    return grant.granted ? grant.by : null;
  };
  const grant = { team: 'payments', repositories: 'acme/*', by: 'admin', added_at: '' };
  assert.equal(by({ ownedByAdmin: true }), 'admin');
  assert.equal(by({ grants: [grant] }), 'grant');
  assert.equal(by({ grants: [{ ...grant, repositories: 'other/*' }] }), null);
  assert.equal(by({ access }), 'credential');
  for (const other of [
    { can_push: false },
    { credential_ref: 'ref-0' },
    { owner: 'earlier' },
    { repository: 'acme/other' },
    { forge: 'github' as const },
    { checked_at: '2025-12-31T23:00:00.000Z' },
  ])
    assert.equal(by({ access: { ...access, ...other } }), null, JSON.stringify(other));
  const refused = forgeGrant(facts);
  assert.match(refused.granted ? '' : refused.reason, /crafting-table grants add "acme\/app" --to payments/);
});

test('a forge is asked with the project’s own credential, and only a yes is a yes', async (t) => {
  const seen: (string | undefined)[] = [];
  let answer: [number, unknown] = [200, {}];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    assert.equal(request.url, '/api/v1/repos/acme/app');
    response.writeHead(answer[0], { 'content-type': 'application/json' }).end(JSON.stringify(answer[1]));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const giteaUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = { giteaUrl, giteaToken: 'the-farms-own', githubUrl: null, githubToken: null };
  const ask = (reply: [number, unknown]) => {
    answer = reply;
    const found = findForge(`${giteaUrl}/acme/app.git`, config);
    assert.ok(found);
    return pushRight(found, { username: 'x', password: 'own-token' });
  };
  assert.deepEqual(await ask([200, { permissions: { push: true } }]), { known: true, canPush: true });
  for (const no of [
    [200, { permissions: { push: false, pull: true } }],
    [200, { permissions: { push: 'true' } }],
    [200, {}],
    [404, {}],
    [401, {}],
    [403, {}],
  ] as [number, unknown][])
    assert.equal((await ask(no)).canPush, false, JSON.stringify(no));
  await assert.rejects(ask([500, {}]), /answers 500/);
  for (const header of seen) assert.equal(Buffer.from((header ?? '').slice(6), 'base64').toString(), 'x:own-token');
});
