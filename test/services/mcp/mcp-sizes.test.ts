import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { AppError } from '../../../services/floor/app-error.ts';
import type { ApiAnswer, ApiCall } from '../../../services/mcp/define.ts';
import { mcpServer } from '../../../services/mcp/mcp-server.ts';
import { listedTools } from '../../../services/mcp/offer.ts';
import { addressIn, bearerIn, optionsIn } from '../../../services/mcp/stdio-settings.ts';
import type { Json } from '../../support/http.ts';
import { toolsOf } from './mcp-clients.ts';

const ok = (json: Json): ApiAnswer => ({ status: 200, json, text: JSON.stringify(json), retryAfterSecs: null });

/** Tools that ask an API of these answers. */
async function withAnswers(
  call: ApiCall,
  work: (call: Awaited<ReturnType<typeof toolsOf>>, troubles: unknown[]) => Promise<void>,
) {
  const troubles: unknown[] = [];
  const server = mcpServer({ call, onTrouble: (error) => troubles.push(error) });
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  await server.connect(theirs as never);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(mine);
  try {
    await work(await toolsOf(client), troubles);
  } finally {
    await client.close();
  }
}

test('all tools together are told in less than 4,000 tokens', () => {
  const tokens = Buffer.byteLength(JSON.stringify({ tools: listedTools() })) / 3.5;
  assert.ok(tokens < 4_000, `${Math.ceil(tokens)} tokens`);
});

test('200 projects are listed page after page, each within the limit', async () => {
  const projects = Array.from({ length: 200 }, (_one, index) => ({
    name: `${'p'.repeat(50)}-${index}`,
    git_url: `https://git.example.org/${'"'.repeat(2_000)}`,
    enabled: true,
    subprojects: Array.from({ length: 100 }, (_each, at) => ({
      path: `${'ü'.repeat(200)}${at}`,
      language: 'c',
      test: 'true',
    })),
  }));
  const api: ApiCall = async (_method, path) => {
    const query = new URL(path, 'http://x').searchParams;
    const from = Number(query.get('cursor') ?? 0);
    const to = from + Number(query.get('limit'));
    return ok({ ok: true, projects: projects.slice(from, to), next_cursor: to < 200 ? String(to) : null });
  };
  await withAnswers(api, async (call) => {
    const seen: string[] = [];
    for (let cursor: string | undefined = '0'; cursor; ) {
      const page: Json = await call('list_projects', { limit: 100, cursor });
      seen.push(...page.data.projects.map((one: Json) => one.name));
      cursor = page.data.next_cursor ?? undefined;
      if (cursor) assert.match(page.prose, /There are more \(cut from 100: no more fit into one answer\): call again/);
    }
    assert.deepEqual(
      seen,
      projects.map(({ name }) => name),
    );
  });
});

test('a job with 500 findings gives as many as fit, and where to go on', async () => {
  const findings = Array.from({ length: 500 }, (_one, id) => ({
    ...{ id, severity: 'error', tool: 'eslint', code: 'no-undef', file: 'a.js', line: id + 1, state: 'open' },
    message: 'ü"'.repeat(id % 2 === 0 ? 4_000 : 100),
    raw_json: '{"a":"b"}'.repeat(900),
  }));
  const job = { job_id: '0'.repeat(26), status: 'failed', findings_count: 500 };
  const api: ApiCall = async (_method, path) => {
    if (!path.includes('/findings')) return ok({ ok: true, job, log_tail: [] });
    const query = new URL(path, 'http://x').searchParams;
    const from = Number(query.get('cursor') ?? 0);
    const to = from + Number(query.get('limit'));
    return ok({ ok: true, findings: findings.slice(from, to), next_cursor: to < 500 ? String(to) : null });
  };
  await withAnswers(api, async (call) => {
    const { data, prose } = await call('get_findings', { job_id: job.job_id, limit: 100 });
    const told = data.findings.length;
    assert.ok(told >= 10 && told < 100, `${told} findings`);
    assert.match(prose, /^\d+ of 500 findings .* call again with cursor/);
    const next = await call('get_findings', { job_id: job.job_id, cursor: data.next_cursor, limit: 1 });
    assert.equal(next.data.findings[0].id, told);
    await call('get_findings', { job_id: job.job_id, limit: 100, fields: ['raw_json', 'message', 'file'] });
  });
});

test('a log of 5 MB gives what fits, whether its end or what is looked for', async () => {
  const text = `${Array.from({ length: 99_999 }, (_one, index) => `line ${index} ${'.'.repeat(30)}`).join('\n')}\n${'"'.repeat(1_000_000)}\n`;
  const api: ApiCall = async (_method, path) => {
    const most = Number(new URL(path, 'http://x').searchParams.get('tail'));
    return {
      ...ok(null),
      json: null,
      text: text
        .split('\n')
        .slice(-most - 1)
        .join('\n'),
    };
  };
  const job_id = '0'.repeat(26);
  await withAnswers(api, async (call) => {
    const end = await call('get_log', { job_id, tail: 1_000 });
    const [, skip] = /skip (\d+) gives those before/.exec(end.prose) ?? [];
    const before = await call('get_log', { job_id, tail: 1, skip: Number(skip) });
    const number = (line: string) => Number(/^line (\d+)/.exec(line)?.[1]);
    assert.equal(number(before.data.lines[0]), number(end.data.lines[0]) - 1);
    const found = await call('get_log', { job_id, search: 'LINE 99', context: 20 });
    assert.match(found.prose, /^\d+ of 1110 matches in 100000 lines\. There are more: skip \d+ gives the next/);
    const last = await call('get_log', { job_id, search: '"""', context: 0 });
    assert.match(last.prose, /^1 of 1 matches .* Only the last 100000 lines were searched/);
    assert.ok(last.data.lines[0].startsWith('100000: """'));
  });
});

test('a job with the longest fields and a story without end stay within the limit', async () => {
  const long = '"\\'.repeat(4_000);
  const job = {
    job_id: '0'.repeat(26),
    project: 'web',
    recipe: 'lint',
    status: 'failed',
    subproject: long,
    branch: long,
    detail: long,
    not_observed: long,
    command: long,
    tools: Array.from({ length: 64 }, () => ({ tool: long, parser: long })),
    recipe_snapshot: { env: Object.fromEntries(Array.from({ length: 500 }, (_one, at) => [`V${at}`, long])) },
    recipe_snapshot_json: long,
  };
  const finding = { id: 7, state: 'open', severity: 'warn', tool: 'x', code: long, file: long, line: 1, message: long };
  const history = Array.from({ length: 3_000 }, (_one, seq) => ({
    seq,
    time: 'now',
    type: 'FindingReopened',
    reason: long,
  }));
  const api: ApiCall = async (_method, path) => {
    if (path.endsWith('/explain')) return { ...ok({ ok: false }), status: 404 };
    if (path.startsWith('/findings')) return ok({ ok: true, finding, history });
    return ok({ ok: true, job, log_tail: Array.from({ length: 200 }, () => '\u{1f600}'.repeat(1_000)) });
  };
  await withAnswers(api, async (call) => {
    const { data, prose } = await call('get_job', { job_id: job.job_id });
    assert.equal(data.job.status, 'failed');
    assert.match(prose, /Cut: .*job.command: \d+ of 8000 characters/);
    const told = await call('explain_finding', { finding_id: 7 });
    assert.deepEqual([told.data.chain.at(-1).seq, told.data.left_out + told.data.chain.length], [2_999, 3_000]);
    assert.match(told.prose, /The \d+ oldest events are left out/);
  });
});

test('every refusal of the farm is a sentence that says what to do', async () => {
  const failing = new Map<string, [number, number | null, RegExp]>([
    ['limit', [429, 17, /^Too many requests: try again in 17 seconds\.$/]],
    ['down', [503, 5, /^The farm cannot do this at the moment: try again in 5 seconds/]],
    ['bug', [500, null, /^The farm failed \(request r-1\): its own log says why\.$/]],
    ['lan', [403, null, /^LAN-only/]],
  ]);
  const api: ApiCall = async (_method, path) => {
    const [status = 200, retryAfterSecs = null] = failing.get(path.split('/')[2] ?? '') ?? [];
    const detail = 'LAN-only: \u001b[2Jthis';
    return { ...ok({ ok: false, code: 'x', detail, request_id: 'r-1' }), status, retryAfterSecs };
  };
  await withAnswers(api, async (call, troubles) => {
    for (const [project, [, , sentence]] of failing) {
      const { isError, prose } = await call('run_test', { project });
      assert.ok(isError);
      assert.match(prose, sentence);
      assert.ok(!prose.includes('\u001b'));
    }
    assert.deepEqual(troubles, []);
  });
});

test('what nobody foresaw is told in a few words, and whole to the one who runs the program', async () => {
  const api: ApiCall = async () => {
    throw new TypeError('secret place');
  };
  await withAnswers(api, async (call, troubles) => {
    const { isError, prose } = await call('list_jobs');
    assert.deepEqual([isError, prose], [true, 'The tool failed in an unforeseen way.']);
    assert.equal(String(troubles), 'TypeError: secret place');
  });
});

test('settings are read from the environment and never repeated', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ct-mcp-'));
  after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'token');
  writeFileSync(file, 'ct_filed\n');
  assert.equal(addressIn({}), 'http://127.0.0.1:8810');
  assert.equal(addressIn({ CRAFTING_TABLE_BASE_URL: 'https://farm.example.org/ct/' }), 'https://farm.example.org/ct');
  assert.equal(bearerIn({ CRAFTING_TABLE_TOKEN_FILE: file }), 'ct_filed');
  assert.equal(bearerIn({ CRAFTING_TABLE_TOKEN: 'ct_set', CRAFTING_TABLE_TOKEN_FILE: file }), 'ct_set');
  assert.equal(bearerIn({}), null);
  assert.deepEqual({ ...optionsIn(['-h']) }, { help: true });
  const wrong = [
    () => addressIn({ CRAFTING_TABLE_BASE_URL: 'http://me:secret@localhost' }),
    () => addressIn({ CRAFTING_TABLE_BASE_URL: 'file:///secret' }),
    () => bearerIn({ CRAFTING_TABLE_TOKEN: 'ct_secret and more' }),
    () => bearerIn({ CRAFTING_TABLE_TOKEN_FILE: join(dir, 'none') }),
    () => optionsIn(['ct_secret']),
  ];
  for (const read of wrong) assert.throws(read, (error) => error instanceof AppError && !/secret/.test(error.message));
});
