import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { checkBackup } from '../../services/backup/check-backup.ts';
import { folders } from '../../services/backup/kept-streams.ts';
import { messagesOf } from '../../services/backup/restore-backup.ts';
import { rekey } from '../../services/cli/offline/rekey.ts';
import type { Log } from '../../services/io/log.ts';
import { start } from '../../services/start.ts';
import { testConfig } from '../support/farm.ts';
import { httpAt, type Json } from '../support/http.ts';
import { mendingLinter } from '../support/mending-linter.ts';
import { agentToken, forgeToken, openPatchParts } from '../support/patch-parts.ts';
import { until } from '../support/until.ts';
import { openReceiver } from '../support/webhook-receiver.ts';
import { openMailServer } from './io/mail/mail-server.ts';

/** A secret at each place where one can be; none of them is like a word of a log. */
const appKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const canaries: Record<string, string> & Record<'smtp' | 'hookAddress' | 'hookKey' | 'address', string> = {
  forge: forgeToken,
  agent: agentToken,
  smtp: 'Qm9vZ3-smtp-7Yx2Kd81',
  hookAddress: 'T024BE7LD-hook-9aQ4',
  hookKey: `whsec_${Buffer.from('Zk81-signing-Ww3PqL70-xyz0').toString('base64')}`,
  forgeHook: 'webhook-secret-0123456789',
  project: 'Pr0j-Xv73Lm29Qa55Tz',
  team: 'T3am-Hb48Rw61Ns07Ye',
  farm: 'F4rm-Jc95Gd26Kp83Vu',
  provider: 'sk-ant-Yb62-provider-Lq90Tm37',
  secondForge: 'gta_5b1f-second-forge-Vn48Zk21',
  forgeApp: appKey.toString().split('\n')[3] ?? '',
  address: 'nobody.knows.7431@example.org',
  recipeSource: 'glpat-Rs58-recipe-source-Tt06Yb',
  session: 'S3ss-what-an-agent-saw-Uf27Hx',
};

const formsOf = (secret: string) => {
  const bytes = Buffer.from(secret);
  return [secret, encodeURIComponent(secret), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')];
};

/** The names of the canaries that these bytes show. */
function shownIn(bytes: Buffer | string, but: readonly string[] = []): string[] {
  const all = Buffer.from(bytes);
  return Object.entries(canaries).flatMap(([name, secret]) =>
    !but.includes(name) && formsOf(secret).some((form) => all.includes(form)) ? [name] : [],
  );
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What every process of this user may read of the programs that this one has started. */
function childrenOf(pid: number): { argv: string; environ: string }[] {
  const parents = new Map<number, number>();
  const read = (of: number, file: string) => {
    try {
      return readFileSync(`/proc/${of}/${file}`, 'latin1');
    } catch {
      return '';
    }
  };
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    const stat = read(Number(name), 'stat');
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const isBelow = (one: number): boolean => {
    const parent = parents.get(one);
    return parent !== undefined && parent > 1 && (parent === pid || isBelow(parent));
  };
  return [...parents.keys()]
    .filter(isBelow)
    .map((one) => ({ argv: read(one, 'cmdline'), environ: read(one, 'environ') }));
}

test('a secret shows in nothing that the farm keeps, prints, sends or starts', async (context) => {
  const dir = mkdtempSync(join(tmpdir(), 'ct-canaries-'));
  context.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  // It goes on until it was looked at from outside.
  const looked = join(dir, 'looked');
  const leaky = `echo "with $APP_KEY and $TEAM_KEY and $FARM_KEY"; printf %s "$APP_KEY" | od -An -tx1; env | sort; until [ -e ${looked} ]; do sleep 0.05; done; exit 1`;
  const answers: string[] = [];
  const parts = await openPatchParts({
    files: { 'lint.pl': mendingLinter(), 'src/a.js': 'bad\n', 'src/b.js': 'worse\n' },
    answer: (prompt) => {
      answers.push(prompt);
      return '```diff\n--- a/src/b.js\n+++ b/src/b.js\n@@ -1 +1 @@\n-worse\n+better\n```';
    },
  });
  context.after(() => parts.close());
  const mail = await openMailServer({ login: { user: 'farm', password: canaries.smtp } });
  context.after(() => mail.close());
  const receiver = await openReceiver();
  context.after(() => receiver.close());
  const said: string[] = [];
  const say = (...words: unknown[]) =>
    void said.push(JSON.stringify(words, (_, one) => (one instanceof Error ? String(one.stack) : one)));
  const log = { trace: say, debug: say, info: say, warn: say, error: say } as unknown as Log;
  const around = mkdtempSync(join(tmpdir(), 'ct-around-'));
  context.after(() => rmSync(around, { recursive: true, force: true }));
  const forges = [
    { name: 'second', kind: 'gitea', url: 'http://127.0.0.1:9/git', token_file: 'token' },
    { name: 'hub', kind: 'github', url: 'http://127.0.0.2:9', app: { id: '7', private_key_file: 'app.pem' } },
  ];
  writeFileSync(join(around, 'token'), canaries.secondForge ?? '');
  writeFileSync(join(around, 'app.pem'), appKey);
  writeFileSync(join(around, 'forges.json'), JSON.stringify(forges));
  const env = {
    ...parts.env,
    CRAFTING_FORGES: join(around, 'forges.json'),
    CRAFTING_ANTHROPIC_KEY: canaries.provider ?? '',
    CRAFTING_SMTP_HOST: '127.0.0.1',
    CRAFTING_SMTP_PORT: String(mail.port),
    CRAFTING_SMTP_USER: 'farm',
    CRAFTING_SMTP_PASS: canaries.smtp,
    CRAFTING_SMTP_FROM: 'farm@example.org',
    CRAFTING_SMTP_TLS: '0',
    CRAFTING_NOTIFY_ALLOW: '127.0.0.1/32',
  };
  const farm = await start(testConfig(dir, env), log, { findLabels: async () => [] });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await farm.close();
    isOpen = false;
  };
  context.after(close);
  const bearer = readFileSync(farm.adminBearerFile ?? '', 'utf8').trim();
  const http = httpAt(farm.url ?? '', bearer);
  const sent = async (made: Promise<{ status: number; text: string; json: Json }>) => {
    const answer = await made;
    assert.ok(answer.status < 300, answer.text);
    assert.deepEqual(shownIn(answer.text, ['address']), [], answer.text);
    return answer.json;
  };
  await sent(http('PUT', '/admin/secrets/FARM_KEY', { body: { value: canaries.farm } }));
  await sent(http.post('/teams', { team: 'blue' }));
  await sent(http('PUT', '/teams/blue/secrets/TEAM_KEY', { body: { value: canaries.team } }));
  const member = (await http.post('/teams/blue/tokens', { name: 'blue.ann', role: 'owner' })).json.bearer as string;
  const ann = httpAt(farm.url ?? '', member);
  const lint = {
    path: '.',
    language: 'javascript',
    lint: 'perl lint.pl # eslint -f json',
    test: leaky,
    secrets: ['APP_KEY', 'TEAM_KEY', 'FARM_KEY'],
  };
  await sent(
    ann.post('/projects', {
      name: 'shop',
      git_url: parts.gitUrl,
      subprojects: [lint],
      notify: {
        on: ['audit_fail', 'nightly_summary'],
        email: [canaries.address],
        webhooks: [
          {
            id: 'chat',
            url: `${receiver.url}/${canaries.hookAddress}`,
            secret: canaries.hookKey,
            on: ['news', 'RecipeExited'],
          },
        ],
      },
    }),
  );
  await sent(ann('PUT', '/projects/shop/secrets/APP_KEY', { body: { value: canaries.project } }));
  // Nobody answers there: what is said of that must not show it either.
  const source = `http://x:${canaries['recipeSource']}@127.0.0.1:9/sets.git`;
  await sent(ann.post('/recipe-sources', { name: 'sets', git_url: source, ref: 'main' }));
  const left = await farm.store.bottles.put(Buffer.from(`{"seen": "${canaries['session']}"}`));

  const seen: { argv: string; environ: string }[] = [];
  const watching = setInterval(() => {
    seen.push(...childrenOf(process.pid));
    if (seen.some(({ environ }) => environ.includes('\0APP_KEY='))) writeFileSync(looked, '');
  }, 20);
  watching.unref();
  const jobs: Json[] = [];
  for (const recipe of ['test', 'lint']) {
    const { job_id } = await sent(ann.post('/projects/shop/jobs', { recipe }));
    jobs.push(await ann.ended(job_id));
  }
  const lintJob = jobs[1]?.job_id;
  const { findings } = (await ann.get(`/jobs/${lintJob}/findings`)).json;
  assert.equal(findings.length, 2);
  // As an admin: his projects may use the farm's token.
  await sent(http.post('/admin/grants', { repositories: 'acme/*', team: 'blue' }));
  for (const { id } of findings) await sent(ann.post(`/jobs/${lintJob}/patches?wait=120`, { finding_id: id }));
  await sent(http.post('/admin/digest/run-now', {}));
  await until(() => mail.arrived.length > 0 && receiver.received.length > 0);
  clearInterval(watching);

  const logs = await Promise.all(jobs.map(async ({ job_id: id }) => (await ann.get(`/jobs/${id}/log`)).text));
  assert.match(logs.join(''), /\[redacted\] and \[redacted\] and \[redacted\]/);
  const answersOf = [
    '/projects',
    '/projects/shop',
    '/projects/shop/secrets',
    '/events?limit=1000',
    '/jobs',
    '/patches',
    '/metrics',
    '/status',
    '/admin/tokens',
    '/admin/secrets',
    '/audit',
    '/projects/shop/webhooks',
    '/recipe-sources',
    '/recipe-sources/blue/sets',
    '/inbox',
  ];
  const told = await Promise.all(answersOf.map(async (path) => (await http.get(path)).text));
  const headers = { authorization: `Bearer ${bearer}` };
  const backup = await fetch(`${farm.url}/admin/backup?with_logs=1`, { headers });
  const tar = Buffer.from(await backup.arrayBuffer());
  // The backup was signed.
  const signing = (await farm.store.log.last('SigningKeyAdded', 'farm')) ?? assert.fail('there is no key');
  const pem = await farm.store.vault.get(signing.data.private_ref);
  canaries['signing'] = pem.split('\n')[1]?.slice(22) ?? assert.fail(pem);
  assert.ok(backup.ok && tar.length > 10_000);
  // Its parts are compressed: they are looked at as they are read again.
  const tarFile = join(around, 'farm.tar');
  writeFileSync(tarFile, tar);
  const manifest = await checkBackup(tarFile);
  const inBackup: Buffer[] = [];
  for (const folder of folders)
    for await (const { data, headers } of messagesOf(tarFile, manifest, folder))
      inBackup.push(Buffer.from(JSON.stringify(headers)), Buffer.from(data));
  assert.ok(manifest.parts.some(({ name }) => name.startsWith('bottles/')));
  await close();

  const kept = filesBelow(dir).filter((file) => statSync(file).size > 0);
  assert.ok(kept.length > 20);
  assert.deepEqual(
    kept.filter((file) => /(?:^|\/)core(?:\.\d+)?$/.test(file)),
    [],
  );
  const filesShow = (files: readonly string[]) =>
    Object.fromEntries(files.map((file) => [relative(dir, file), shownIn(readFileSync(file))]));
  const before = filesShow(kept);
  const oldKey = readFileSync(join(dir, 'data', 'secret.key'), 'utf8').trim();
  const printed: string[] = [];
  const near = { CRAFTING_DATA_DIR: join(dir, 'data'), PATH: process.env.PATH ?? '' };
  assert.equal(await rekey(near, (line) => printed.push(line)), 0);
  const after = filesBelow(dir).filter((file) => statSync(file).size > 0);
  // What is left behind of the old key would open a stolen copy of the log.
  assert.deepEqual(
    after.filter((file) => readFileSync(file).includes(oldKey)),
    [],
  );
  const places: Record<string, string[]> = {
    logs: shownIn(logs.join('\n')),
    answers: shownIn(told.join('\n'), ['address']),
    backup: shownIn(tar),
    'in the backup': shownIn(Buffer.concat(inBackup)),
    rekey: shownIn(printed.join('\n')),
    service: shownIn(said.join('\n')),
    agent: shownIn(answers.join('\n')),
    mails: shownIn(mail.arrived.map(({ raw }) => raw).join('\n'), ['address']),
    notices: shownIn(receiver.received.map(({ body }) => JSON.stringify(body)).join('\n')),
    pulls: shownIn(JSON.stringify(parts.forge.pulls)),
    argv: shownIn(seen.map(({ argv }) => argv).join('\n')),
    // The job that names them has them; nothing around it has.
    environ: shownIn(seen.flatMap(({ environ }) => (environ.includes('\0APP_KEY=') ? [] : [environ])).join('\n')),
    ...before,
    ...Object.fromEntries(Object.entries(filesShow(after)).map(([file, names]) => [`${file}, of a new key`, names])),
  };
  assert.ok(answers.length > 0 && parts.forge.pulls.length > 0, 'an agent was asked, a pull request opened');
  assert.ok(
    /^[0-9a-f]{64}$/.test(left) &&
      seen.some(({ argv }) => argv.includes('nats-server')) &&
      seen.some(({ environ }) => environ.includes('\0APP_KEY=')) &&
      mail.arrived.length > 0 &&
      said.length > 0,
  );
  assert.deepEqual(
    Object.entries(places).filter(([, names]) => names.length > 0),
    [],
  );
});
