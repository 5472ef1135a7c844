import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openFarm, type TestFarm } from '../support/farm.ts';
import { until } from '../support/until.ts';

const folder = resolve(import.meta.dirname, '..', '..', 'docs', 'operate');
const without = (program: string) =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0 && `${program} is not on this machine`;

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

type Got = { readonly status: number; readonly headers: Record<string, unknown>; readonly text: string };

/** Asks the proxy, whose certificate is its own. `enough` ends an answer that goes on. */
function asked(
  url: string,
  { method = 'GET', bearer = '', body = '', headers = {}, enough = (_text: string): boolean => false } = {},
): Promise<Got> {
  const { promise, resolve: done, reject } = Promise.withResolvers<Got>();
  const sent = request(
    url,
    { method, rejectUnauthorized: false, headers: { authorization: `Bearer ${bearer}`, ...headers } },
    (response) => {
      let text = '';
      const finish = () => done({ status: response.statusCode ?? 0, headers: response.headers, text });
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (!enough(text)) return;
        finish();
        response.destroy();
      });
      response.on('end', finish);
    },
  );
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

/** Makes the two files of a TLS server. */
function certificate(dir: string) {
  const [cert, key] = [join(dir, 'proxy.pem'), join(dir, 'proxy.key')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ],
    { stdio: 'ignore' },
  );
  return { cert, key };
}

type Starting = { readonly dir: string; readonly farm: string; readonly port: number; readonly path: string };

/** The proxies with the page's own file, of which only the places of this machine are changed. */
const proxies = {
  nginx: ({ dir, farm, port, path }: Starting) => {
    const { cert, key } = certificate(dir);
    const site = readFileSync(join(folder, 'nginx.conf'), 'utf8')
      .replace('server 127.0.0.1:8810;', `server ${farm};`)
      .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
      .replace(/ssl_certificate .*/, `ssl_certificate ${cert};`)
      .replace(/ssl_certificate_key .*/, `ssl_certificate_key ${key};`)
      .replace('location / {', `location ${path} {`);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (one) => `${one}_temp_path ${dir}/${one};`,
    );
    const root = process.getuid?.() === 0 ? 'user root;' : '';
    writeFileSync(
      join(dir, 'main.conf'),
      `${root} daemon off; master_process off; pid ${dir}/nginx.pid; error_log ${dir}/error.log; events {} http { access_log off; ${temporary.join(' ')} ${site} }`,
    );
    return spawn('nginx', ['-p', dir, '-c', join(dir, 'main.conf'), '-e', join(dir, 'error.log')], { stdio: 'ignore' });
  },
  caddy: ({ dir, farm, port, path }: Starting) => {
    const { cert, key } = certificate(dir);
    const site = readFileSync(join(folder, 'Caddyfile'), 'utf8')
      .replace(/^farm\.example\.org \{/m, `https://127.0.0.1:${port} {\n\ttls ${cert} ${key}`)
      .replace('reverse_proxy 127.0.0.1:8810', `reverse_proxy ${path === '/' ? '' : `${path}*`} ${farm}`);
    writeFileSync(join(dir, 'Caddyfile'), `{\n\tadmin off\n\tauto_https off\n}\n${site}`);
    const env = { ...process.env, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir };
    return spawn('caddy', ['run', '--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'], {
      env,
      stdio: 'ignore',
    });
  },
};

for (const [name, begin] of Object.entries(proxies))
  describe(`behind ${name} as the page has it`, { skip: without(name) || without('openssl') }, () => {
    let farm: TestFarm;
    let proxy: ChildProcess;
    let url = '';
    before(async () => {
      const port = await freePort();
      url = `https://127.0.0.1:${port}/farm`;
      const env = {
        CRAFTING_ROLES: 'api,projector,scheduler',
        CRAFTING_TRUST_PROXY: '127.0.0.1/32',
        CRAFTING_PUBLIC_URL: url,
      };
      farm = await openFarm({ env });
      proxy = begin({ dir: farm.dir, farm: new URL(farm.url).host, port, path: '/farm/' });
      await until(
        () =>
          asked(`${url}/healthz`).then(
            ({ status }) => status === 200,
            () => proxy.exitCode !== null,
          ),
        name,
      );
    });
    after(async () => {
      proxy?.kill('SIGKILL');
      await farm?.close();
    });

    it('answers over TLS below its path, and names places there', async () => {
      const body = JSON.stringify({
        name: 'web',
        git_url: farm.repository,
        subprojects: [{ path: '.', language: 'shell', test: 'true' }],
      });
      const made = await asked(`${url}/projects`, { method: 'POST', bearer: farm.admin, body });
      assert.equal(made.status, 201, made.text);
      assert.equal(made.headers['location'], '/farm/projects/web');
      const found = await asked(new URL(String(made.headers['location']), url).href, { bearer: farm.admin });
      assert.equal(found.status, 200, found.text);
      const { servers } = JSON.parse((await asked(`${url}/openapi.json`)).text);
      assert.deepEqual(servers, [{ url }]);
    });

    it('shows the pages of the documentation below its path', async () => {
      const page = await asked(`${url}/docs/`);
      assert.equal(page.status, 200);
      const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
      assert.ok(sources.length > 3);
      for (const source of sources) {
        const { status } = await asked(new URL(source, `${url}/docs/`).href);
        assert.equal(status, 200, source);
      }
    });

    it('hands on events as they happen, while the answer goes on', async () => {
      const following = asked(`${url}/events?follow=1`, {
        bearer: farm.admin,
        headers: { accept: 'text/event-stream' },
        enough: (text) => text.includes('passing-by'),
      });
      await farm.http.mint('passing-by');
      const { status, text } = await following;
      assert.equal(status, 200);
      assert.match(text, /TokenMinted/);
    });

    it('believes the proxy, and nobody that it does not name, about who asks', async () => {
      const bearer = await farm.http.mint('from-afar', { ip_cidrs: ['10.9.9.9/32'] });
      // The proxy sets the address that it sees, whatever the client says.
      const through = await asked(`${url}/projects`, { bearer, headers: { 'x-forwarded-for': '10.9.9.9' } });
      assert.equal(through.status, 401, through.text);
      const direct = (said: string) => farm.http.get('/projects', { bearer, headers: { 'x-forwarded-for': said } });
      assert.equal((await direct('10.9.9.9')).status, 200, 'the test is the proxy here');
      assert.equal((await direct('10.9.9.9, 127.0.0.1')).status, 200, 'two proxies');
      assert.equal((await direct('10.9.9.9, 10.1.1.1')).status, 401, 'the last one that is no proxy counts');
      assert.equal((await direct('8.8.8.8')).json.code, 'lan_only');
      assert.equal((await direct('nonsense')).json.code, 'lan_only');
    });
  });
