import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SavedFilter } from '../../../services/cli/commands/results/filters-command.ts';
import { cliCommands } from '../../../services/cli/registry.ts';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { atEnd } from '../../support/git-repository.ts';
import { linter } from '../../support/tiny-linter.ts';
import { until } from '../../support/until.ts';
import { say } from './captured-cli.ts';

const files = { 'eslint.pl': linter, 'src/a.js': 'fine\nbad one\n', 'src/b.js': 'bad two\n' };

let farm: TestFarm;
let dir: string;
let env: Record<string, string>;
let admin: Record<string, string>;
let lintJob: string;

/** The service is spoken to as the owner of `shop` unless told otherwise. */
const as = (args: string, settings: Parameters<typeof say>[1] = {}) => say(args.split(' '), { env, ...settings });
const json = async (args: string) => JSON.parse((await as(`${args} --json`)).out);

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ct-command-line-'));
  farm = await openFarm({ files });
  admin = { CRAFTING_TABLE_BASE_URL: farm.url, CRAFTING_TABLE_TOKEN: farm.admin, XDG_CONFIG_HOME: join(dir, 'none') };
  env = { ...admin, CRAFTING_TABLE_TOKEN: await farm.http.mint('shop') };
  const document = {
    name: 'shop',
    git_url: farm.repository,
    subprojects: [
      {
        path: '.',
        language: 'typescript',
        lint: 'perl eslint.pl # eslint -f json',
        test: 'printf "one\\033[2J\\n"; exit 3',
        build: 'echo started; sleep 3000',
      },
    ],
  };
  const { code, err } = await as('projects add -', { piped: JSON.stringify(document) });
  assert.equal(code, 0, err);
  const { jobs } = await json('run shop lint --follow');
  lintJob = jobs[0].job_id;
});
after(async () => {
  await farm?.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('the words of the program', () => {
  it('loads each command of the registry, which has help with an example', async () => {
    assert.deepEqual(
      cliCommands.map(({ name }) => name),
      cliCommands.map(({ name }) => name).sort(),
    );
    const all = await say([]);
    for (const { name } of cliCommands.filter((one) => one.name !== 'help')) {
      const { code, out } = await say([name, '--help']);
      assert.equal(code, 0);
      assert.match(out, new RegExp(`Examples:\n {2}\\$ crafting-table ${name}`), name);
      assert.match(all.out, new RegExp(`^ {2}${name} `, 'm'));
    }
    const folder = new URL('../../../services/cli/commands', import.meta.url);
    const listed = readdirSync(folder, { recursive: true, withFileTypes: true })
      .flatMap((one) => (one.isDirectory() ? [] : one.name))
      .sort();
    assert.deepEqual(
      listed,
      cliCommands.map(({ name }) => `${name}-command.ts`),
    );
  });

  it('names the nearest command, and what a noun has', async () => {
    const unknown = await say(['findngs']);
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /Did you mean findings\?/);
    const verb = await say(['jobs', 'lst']);
    assert.equal(verb.code, 2);
    assert.match(verb.err, /jobs has no command "lst": it has list, show, cancel, rerun\./);
    assert.equal((await as('jobs --project shop')).code, 0);
  });

  it('takes no token from the command line, and says why', async () => {
    const { code, err } = await say(['jobs', '--token', 'ct_secret'], { env });
    assert.equal(code, 2);
    assert.match(err, /history of the shell/);
    assert.doesNotMatch(err, /ct_secret/);
  });

  it('tells the exit codes, and keeps to them', async () => {
    assert.match((await say(['help', 'exit-codes'])).out, /^ {4}4 {2}there is no such thing/m);
    assert.equal((await as('jobs show nothing')).code, 4);
    assert.equal((await as('tokens')).code, 3);
    assert.equal((await as('projects add -', { piped: '{' })).code, 2);
    assert.equal((await as(`jobs cancel ${lintJob}`)).code, 5);
    assert.equal((await as('jobs', { env: { ...env, CRAFTING_TABLE_BASE_URL: 'http://127.0.0.1:1' } })).code, 6);
    assert.equal((await as('run shop test --follow')).code, 1);
  });

  it('shows every fault that the service names', async () => {
    const { code, err } = await as('projects add -', { piped: '{"name":"../x"}' });
    assert.equal(code, 2);
    assert.match(err, /git_url|name/);
  });
});

describe('where the service is', () => {
  const config = () => join(dir, 'config', 'crafting-table', 'config.json');
  const mine = () => ({ XDG_CONFIG_HOME: join(dir, 'config') });

  it('keeps a token that the service takes in a file for its owner alone', async () => {
    const piped = `${env.CRAFTING_TABLE_TOKEN}\n`;
    const { code, out } = await say(['login', '--server', `${farm.url}/`], { env: mine(), piped });
    assert.equal(code, 0);
    assert.doesNotMatch(out, /ct_/);
    assert.equal(statSync(config()).mode & 0o777, 0o600);
    assert.equal(statSync(join(dir, 'config', 'crafting-table')).mode & 0o777, 0o700);
    assert.match((await say(['projects'], { env: mine() })).out, /^shop /m);
  });

  it('asks without echo at a terminal, and keeps nothing that the service refuses', async () => {
    const before = readFileSync(config(), 'utf8');
    const args = ['login', '--server', farm.url, '--profile', 'other'];
    const { code, err } = await say(args, { env: mine(), answers: ['ct_wrong'] });
    assert.equal(code, 3);
    assert.match(err, /does not know this token/);
    assert.doesNotMatch(err, /ct_wrong/);
    assert.equal((await say(args, { env: mine(), answers: [] })).code, 130);
    assert.equal(readFileSync(config(), 'utf8'), before);
  });

  it('sends a token that was kept to no other server', async () => {
    const { code, err } = await say(['--server', 'http://127.0.0.1:1', 'projects'], { env: mine() });
    assert.equal(code, 3);
    assert.match(err, /There is no token for http:\/\/127\.0\.0\.1:1/);
    assert.equal((await say(['--profile', 'nobody', 'projects'], { env: mine() })).code, 2);
  });

  it('refuses a file of tokens that is open to others', async () => {
    const XDG_CONFIG_HOME = join(dir, 'open');
    mkdirSync(join(XDG_CONFIG_HOME, 'crafting-table'), { recursive: true });
    writeFileSync(join(XDG_CONFIG_HOME, 'crafting-table', 'config.json'), '{}', { mode: 0o644 });
    const { code, err } = await say(['projects'], { env: { XDG_CONFIG_HOME } });
    assert.equal(code, 2);
    assert.match(err, /chmod 600/);
  });

  it('finds the service of a data folder, and forgets a profile at logout', async () => {
    const local = { XDG_CONFIG_HOME: join(dir, 'none'), CRAFTING_DATA_DIR: farm.dataDir };
    assert.match((await say(['tokens'], { env: local })).out, /^shop /m);
    assert.equal((await say(['logout'], { env: mine() })).code, 0);
    const { code } = await say(['--server', farm.url, 'projects'], { env: mine() });
    assert.equal(code, 3);
  });
});

describe('what is printed', () => {
  it('opens the page of a thing by its id alone, or by its kind', async () => {
    const { findings } = await json('findings --state all');
    const { jobs } = await json('jobs');
    const [{ id: finding }, { job_id: job }] = [findings[0], jobs[0]];
    for (const [words, page] of [
      [`open ${finding}`, `/ui/findings/${finding}`],
      [`open ${job}`, `/ui/jobs/${job}`],
      ['open shop', '/ui/projects/shop'],
      ['open project shop', '/ui/projects/shop'],
      ['open digest 2026-01-02', '/ui/digests/2026-01-02'],
    ] as const) {
      const { out } = await as(words);
      assert.ok(decodeURIComponent(out).includes(`next=${page}#code=`), `${words}: ${out}`);
    }
    for (const words of ['open 99999', 'open 12-1', 'open nosuch', 'open project 2026'])
      assert.deepEqual([(await as(words)).code, words], [4, words]);
  });

  it('cuts a table to the width of the terminal, and cuts nothing elsewhere', async () => {
    for (const columns of [60, 80, 200]) {
      const { out } = await as('findings', { columns });
      for (const line of out.split('\n')) assert.ok(line.length <= columns, `${line.length}: ${line}`);
    }
    assert.match((await as('findings')).out, /bad is bad$/m);
  });

  it('keeps a filter of findings, lists by it, and forgets it', async () => {
    const saved = await as('filters save two rule=no-bad&path=src/a&path=src/b&state=open');
    assert.deepEqual([saved.code, saved.err], [0, '']);
    await as('filters save none /ui/findings?rule=good --team');
    const { filters } = await json('filters');
    const said = filters.map(({ name, of, filter }: SavedFilter) => [name, of, filter]);
    assert.deepEqual(said, [
      ['two', 'me', { rule: 'no-bad', path: ['src/a', 'src/b'], state: 'open' }],
      ['none', 'team', { rule: 'good' }],
    ]);
    const found = async (words: string) => (await json(words)).findings.length;
    assert.deepEqual([await found('findings --saved two'), await found('findings --saved none')], [2, 0]);
    assert.equal((await as('findings --saved three')).code, 4);
    assert.equal((await as('filters save wrong severity=awful')).code, 2);
    assert.deepEqual([(await as('filters remove two')).code, (await as('filters remove none --team')).code], [0, 0]);
    assert.deepEqual((await json('filters')).filters, []);
  });

  it('has colours only where they are wanted, and never what steers a terminal', async () => {
    const plain = await as('findings --severity warn', { columns: 100 });
    assert.doesNotMatch(plain.out, /\x1b/);
    assert.match((await as('findings --severity warn', { columns: 100, colour: true })).out, /\x1b\[33mwarn/);
    const { jobs } = await json('run shop test --follow');
    assert.equal((await as(`log ${jobs[0].job_id}`)).out, 'one\x1b[2J\n');
    assert.equal((await as(`log ${jobs[0].job_id}`, { columns: 80 })).out, 'one\n');
  });

  it('pages through a list, and says when there is more', async () => {
    const first = await as('findings --limit 1 --state all');
    assert.match(first.err, /There are more than these 1/);
    const all = (await as('findings --all --state all -o ndjson')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(all.length, (await json('findings --all --state all')).findings.length);
    assert.ok(all.length >= 2);
  });

  it('shows the log of a job, its end and the lines that match', async () => {
    const { jobs } = await json('run shop test --follow');
    const { code, out } = await as(`log ${jobs[0].job_id} --search ^o`);
    assert.deepEqual([code, out], [0, '1:one\n']);
    assert.equal((await as(`log ${jobs[0].job_id} --search nothing`)).code, 1);
    assert.equal((await as(`log ${jobs[0].job_id} --tail 1`)).code, 0);
    assert.equal((await as(`log ${jobs[0].job_id} --search (`)).code, 2);
  });

  it('prints findings as SARIF, of a project or of a job', async () => {
    for (const whose of ['--project shop', `--job ${lintJob}`])
      assert.equal(JSON.parse((await as(`findings ${whose} --sarif`)).out).version, '2.1.0');
    assert.equal((await as('findings --sarif')).code, 2);
  });
});

describe('what is changed', () => {
  it('keeps what was written when an edit is refused, and takes it from its file', async () => {
    const EDITOR = `sed -i s/typescript/${'x'.repeat(40)}/`;
    const refused = await as('projects edit shop', {
      env: { ...env, ...process.env, EDITOR } as Record<string, string>,
    });
    assert.equal(refused.code, 2, refused.err);
    const file = /--file (\S+)/.exec(refused.err)?.[1] ?? '';
    const mended = readFileSync(file, 'utf8').replaceAll('x'.repeat(40), 'javascript');
    writeFileSync(file, mended);
    assert.match((await as(`projects edit shop --file ${file}`)).out, /shop is changed/);
    assert.equal((await json('projects show shop')).subprojects[0].language, 'javascript');
    rmSync(join(file, '..'), { recursive: true });
  });

  it('says who changed what while an editor was open, and keeps what was written', async () => {
    const patch = `curl -sf -X PATCH -H "authorization: Bearer $CRAFTING_TABLE_TOKEN" -d '{"schedule":{"lint":"0 4 * * *"}}'`;
    const EDITOR = `f() { ${patch} $CRAFTING_TABLE_BASE_URL/projects/shop >&2 && sed -i s/main/next/ "$1"; }; f`;
    const late = await as('projects edit shop', { env: { ...env, ...process.env, EDITOR } as Record<string, string> });
    assert.equal(late.code, 5, late.err);
    assert.match(late.err, /changed since "\d+", in schedule\.lint: by shop at 2.*What you wrote is kept: .*--file/s);
    assert.equal((await json('projects show shop')).default_branch, 'main');
    rmSync(join(/--file (\S+)/.exec(late.err)?.[1] ?? '', '..'), { recursive: true });
  });

  it('asks before it removes, and does not guess where nobody can be asked', async () => {
    assert.equal((await as('projects rm shop')).code, 2);
    assert.equal((await as('projects rm shop', { answers: ['n'] })).code, 130);
    assert.equal((await as('projects show shop')).code, 0);
  });

  it('suppresses a finding and takes that back', async () => {
    const [finding] = (await json('findings --limit 1 --kind lint')).findings;
    assert.match((await as(`suppress ${finding.id} --reason known`)).out, /is suppressed/);
    assert.match((await as(`findings show ${finding.id}`)).out, /FindingSuppressed/);
    assert.match((await as(`unsuppress ${finding.id}`)).out, /is open again/);
    assert.match((await as(`explain finding ${finding.id}`)).out, /because of/);
  });

  it('writes a bearer into a new file for its owner alone, and never over another', async () => {
    const file = join(dir, 'ci.token');
    const minted = await as(`tokens mint ci --output-file ${file}`, { env: admin });
    assert.equal(minted.code, 0, minted.err);
    assert.doesNotMatch(minted.out, /ct_/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const withFile = { ...env, CRAFTING_TABLE_TOKEN: '', CRAFTING_TABLE_TOKEN_FILE: file };
    assert.equal((await as('projects', { env: withFile })).code, 0);
    assert.equal((await as(`tokens mint second --output-file ${file}`, { env: admin })).code, 2);
    assert.doesNotMatch((await as('tokens', { env: admin })).out, /second/);
    assert.match((await as('tokens revoke ci --yes', { env: admin })).out, /is revoked/);
    assert.equal((await as('projects', { env: withFile })).code, 3);
  });

  it('leaves no file behind when a bearer was not minted', async () => {
    const file = join(dir, 'taken.token');
    assert.equal((await as(`tokens mint shop --output-file ${file}`, { env: admin })).code, 5);
    assert.throws(() => statSync(file));
  });
});

describe('events', () => {
  it('gets what there is, and ends', async () => {
    const { events } = await json('events get --event JobEnqueued --limit 1');
    assert.equal(events[0].type, 'JobEnqueued');
    assert.match((await as('events get --limit 2')).out, /ProjectRegistered +shop/);
  });

  it('follows what happens, and ends at an interrupt', async () => {
    const controller = new AbortController();
    const tailing = as('events tail --event JobEnqueued -o ndjson --limit 1', { signal: controller.signal });
    const done = { is: false };
    void tailing.finally(() => {
      done.is = true;
    });
    await until(async () => {
      await as('run shop lint');
      return done.is;
    });
    assert.equal(JSON.parse((await tailing).out).type, 'JobEnqueued');
    const endless = as('events tail', { signal: controller.signal });
    controller.abort();
    assert.equal((await endless).code, 130);
  });
});

/** Runs the program as a process of its own. */
function begin(
  context: TestContext,
  args: string | string[],
  { cwd = dir, more = {} }: { cwd?: string; more?: object } = {},
) {
  const program = fileURLToPath(new URL('../../../services/cli/main.ts', import.meta.url));
  const child = spawn(process.execPath, [program, ...(typeof args === 'string' ? args.split(' ') : args)], {
    cwd,
    env: { PATH: process.env.PATH, HOME: dir, ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  atEnd(context, () => child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const closed = once(child, 'close');
  return { child, said, ended: async () => (await closed)[0] as number | null };
}

describe('the process', { concurrency: true }, () => {
  it('lets go of a job at Ctrl-C, says how to come back, and ends with 7 when the job is cancelled', async (context) => {
    const following = begin(context, 'run shop build --follow');
    await until(() => following.said.out.includes('started'));
    following.child.kill('SIGINT');
    assert.equal(await following.ended(), 130);
    const job = /log (\S+) --follow/.exec(following.said.err)?.[1] ?? '';
    assert.equal((await json(`jobs show ${job}`)).job.status, 'running');
    const again = as(`log ${job} --follow`);
    assert.match((await as(`jobs cancel ${job}`)).out, /is being cancelled/);
    assert.equal((await again).code, 7);
  });

  it('ends quietly when its reader has seen enough', async (context) => {
    const reading = begin(context, 'events tail --from start -o ndjson');
    await once(reading.child.stdout, 'data');
    reading.child.stdout.destroy();
    await as('run shop lint');
    assert.equal(await reading.ended(), 0);
    assert.equal(reading.said.err, '');
  });

  it('completes commands, words that an option takes, and names of projects', async (context) => {
    const completed = async (args: string, last: string) => {
      const { child, said } = begin(context, ['complete', '--', ...args.split(' '), last]);
      await once(child, 'close');
      return said.out.split('\n').map((line) => line.split('\t')[0]);
    };
    const [verbs, severities] = await Promise.all([completed('projects', 's'), completed('findings --severity', 'c')]);
    assert.ok(verbs.includes('show'));
    assert.ok(severities.includes('critical'));
    // Names are left out when the service does not answer at once, as on a machine that is busy.
    await until(async () => (await completed('projects show', '')).includes('shop'));
  });

  it('sends no token where the .env of some folder says', async (context) => {
    const cwd = mkdtempSync(join(dir, 'hostile-'));
    writeFileSync(join(cwd, '.env'), 'CRAFTING_TABLE_BASE_URL=http://127.0.0.1:1\n');
    const more = { CRAFTING_TABLE_BASE_URL: undefined, CRAFTING_DATA_DIR: farm.dataDir };
    const asked = begin(context, 'projects', { cwd, more });
    assert.equal(await asked.ended(), 0, asked.said.err);
    assert.match(asked.said.out, /^shop /m);
  });
});
