import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Client } from '@modelcontextprotocol/client';
import type { Json } from '../../support/http.ts';
import { mendingLinter } from '../../support/mending-linter.ts';
import { openPatchFarm, type PatchFarm } from '../../support/patch-farm.ts';
import { until } from '../../support/until.ts';
import { overHttp, overStdio, toolsOf } from './mcp-clients.ts';

const files = {
  'lint.pl': mendingLinter(),
  'src/a.js': 'const a = "worse";\nconst b = 1;\n',
  'src/b.js': 'const c = "worse";\n',
};
const subprojects = [{ path: '.', language: 'javascript', lint: 'perl lint.pl # eslint -f json' }];

/** What an editor would make of some lines. */
function diffOf(path: string, lines: readonly string[], changed: string): string {
  const [first = '', ...rest] = lines;
  const body = [`-${first}`, `+${changed}`, ...rest.map((line) => ` ${line}`)];
  return `--- a/${path}\n+++ b/${path}\n@@ -1,${lines.length} +1,${lines.length} @@\n${body.join('\n')}\n`;
}

describe('an agent that has nothing but the tools', () => {
  let farm: PatchFarm;
  let client: Client;
  let call: Awaited<ReturnType<typeof toolsOf>>;
  before(async () => {
    farm = await openPatchFarm({ files });
    const { json } = await farm.http.post('/projects', { name: 'app', git_url: farm.parts.gitUrl, subprojects });
    assert.equal(json.ok, true, JSON.stringify(json));
    const bearer = await farm.http.mint('agent.one', { team: 'admin', role: 'maintainer' });
    client = await overHttp(farm.url, bearer);
    call = await toolsOf(client);
  });
  after(async () => {
    await client?.close();
    await farm.close();
  });

  it('finds, mends, proves and opens a patch', async () => {
    const { data: projects } = await call('list_projects');
    const [{ name: project }] = projects.projects;
    const { job_id } = (await call('run_lint', { project })).data;
    const waited = await call('wait_for_job', { job_id, timeout_secs: 600 });
    assert.equal(waited.data.job.status, 'succeeded', waited.prose);
    const listed = await call('list_findings', { project, severity: 'warn,error', path: 'src/a' });
    assert.equal(listed.data.findings.length, 1, listed.prose);
    const [finding] = listed.data.findings;
    const source = await call('get_source', { project, path: finding.file, sha: waited.data.job.sha, from: 1, to: 2 });
    assert.deepEqual(source.data.lines, ['const a = "worse";', 'const b = 1;']);
    assert.match(source.prose, /1\tconst a = "worse";/);
    assert.deepEqual((await call('get_source', { finding_id: finding.id })).data.lines, source.data.lines);

    const hopeless = diffOf(finding.file, source.data.lines, 'const a = "worse"; // eslint-disable-line');
    const bring = (diff: string, more: object = {}) =>
      call('verify_patch', { project, diff, finding_ids: [finding.id], timeout_secs: 600, ...more });
    const refused = await bring(hopeless);
    assert.match(refused.prose, /failed at policy: suppression_added/);
    assert.equal(refused.data.patch.failure.step, 'policy');

    const seen: Json[] = [];
    const mends = diffOf(finding.file, source.data.lines, 'const a = "better";');
    await client.callTool(
      { name: 'crafting_table_verify_patch', arguments: { project, diff: mends, finding_ids: [finding.id] } },
      { onprogress: (one) => seen.push(one) },
    );
    assert.ok(
      seen.every(({ message }) => /^(requested|drafted|verifying): /.test(message)),
      JSON.stringify(seen),
    );
    const { patches } = (await call('list_patches', { project, status: 'proven' })).data;
    const proven = await call('get_patch', { patch_id: patches[0].id });
    assert.deepEqual(proven.data.patch.evidence.targets[0].gone, true);
    assert.match(proven.data.diff, /\+const a = "better";/);
    assert.equal(farm.parts.forge.pulls.length, 0);

    const opened = await bring(mends, { open_pull_request: true, explanation: 'The word is better.' });
    assert.equal(opened.data.patch.status, 'pr_opened', opened.prose);
    const [pull] = farm.parts.forge.pulls;
    assert.match(pull?.body ?? '', /The word is better\./);
    assert.match(opened.data.patch.pr_url, new RegExp(`/${pull?.number}$`));
  });

  it('is told in words of tools why nothing is proposed, and runs and ends jobs', async () => {
    const { jobs } = (await call('list_jobs', { project: 'app' })).data;
    const again = await call('rerun', { job_id: jobs[0].job_id });
    assert.match(again.prose, /Next: crafting_table_wait_for_job/);
    await call('wait_for_job', { job_id: again.data.job_id, timeout_secs: 600 });
    const over = await call('cancel', { job_id: again.data.job_id });
    assert.ok(over.isError);
    const { data, prose } = await call('proposals', { project: 'app' });
    assert.ok(data.total >= 2, prose);
    for (const { detail = '' } of data.rows) assert.doesNotMatch(detail, /(GET|POST) \//);
    const none = await call('suppress', { finding_id: 1 });
    assert.match(none.prose, /^reason: expected a text; this client cannot ask a person/);
  });
});

describe('what a client may choose and read', () => {
  let farm: PatchFarm;
  let bearer = '';
  let job = '';
  let finding: Json;
  before(async () => {
    farm = await openPatchFarm({ files, agent: false });
    bearer = await farm.http.mint('agent.two', { team: 'admin', role: 'maintainer' });
    const seen = await farm.seen('app');
    job = seen.job;
    finding = seen.findings[0];
  });
  after(() => farm.close());
  const within = async (
    work: (client: Client) => Promise<void>,
    { era = 'modern', headers = {} }: { era?: 'modern' | 'legacy'; headers?: Record<string, string> } = {},
  ) => {
    const client = await overHttp(farm.url, bearer, era, headers);
    try {
      await work(client);
    } finally {
      await client.close();
    }
  };

  it('toolsets and reading alone, by headers', async () => {
    const namesBy = async (headers: Record<string, string>) => {
      let names: string[] = [];
      await within(
        async (client) => {
          names = (await client.listTools()).tools.map(({ name }) => name.replace('crafting_table_', ''));
        },
        { headers },
      );
      return names;
    };
    assert.deepEqual(await namesBy({ 'x-mcp-toolsets': 'insight' }), [
      ...['compare_jobs', 'flaky_tests', 'inbox', 'schedules', 'trends'],
    ]);
    const reading = await namesBy({ 'x-mcp-readonly': 'true', 'x-mcp-toolsets': 'all' });
    assert.ok(reading.includes('get_patch') && !reading.includes('verify_patch') && !reading.includes('suppress'));
    const wrong = await farm.http.post(
      '/mcp',
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      { bearer, headers: { 'x-mcp-toolsets': 'patchs' } },
    );
    assert.equal(wrong.status, 400);
    assert.match(wrong.text, /did you mean patches\?/);
    await within(
      async (client) => {
        const asked = { name: 'crafting_table_verify_patch', arguments: {} };
        await assert.rejects(client.callTool(asked), /left out here: this client only reads/);
      },
      { headers: { 'x-mcp-readonly': '1' } },
    );
  });

  it('what stands around, in one look each', () =>
    within(
      async (client) => {
        const call = await toolsOf(client);
        for (const [name, args] of [
          ['inbox', {}],
          ['schedules', { project: 'app' }],
          ['trends', { project: 'app', days: 3 }],
          ['flaky_tests', { project: 'app' }],
        ] as const) {
          const { data, prose } = await call(name, args);
          assert.equal(data.rows.length, data.total, prose);
        }
        const compared = await call('compare_jobs', { job_id: job, with: job });
        assert.equal(compared.data.total, 0, compared.prose);
        assert.match((await call('compare_jobs', { job_id: job })).prose, /No earlier run of this recipe/);
      },
      { headers: { 'x-mcp-toolsets': 'insight' } },
    ));

  it('resources by their addresses, and none that are not its own', () =>
    within(async (client) => {
      const { resources } = await client.listResources();
      assert.deepEqual(
        resources.map(({ uri }) => uri),
        ['farm://project/app/findings'],
      );
      const { resourceTemplates } = await client.listResourceTemplates();
      assert.equal(resourceTemplates.length, 5);
      const read = async (uri: string) => {
        const [content] = (await client.readResource({ uri })).contents;
        return content && 'text' in content ? content.text : '';
      };
      assert.equal(JSON.parse(await read('farm://project/app/findings')).findings.length, 2);
      assert.match(await read(`farm://job/${job}/log`), /no-worse/);
      const { sha } = (await farm.http.get(`/jobs/${job}`)).json.job;
      assert.equal(await read(`farm://project/app/source/${sha}/src/b.js`), 'const c = "worse";');
      for (const uri of ['farm://project/other/findings', 'farm://project/app/../admin', 'file:///etc/passwd'])
        await assert.rejects(read(uri), /There is no resource/, uri);
    }));

  const watchesFindings = async (client: Client) => {
    const changed: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void changed.push(params.uri));
    const uri = 'farm://project/app/findings';
    const listening = await client.listen({ resourceSubscriptions: [uri] });
    await farm.http.post(`/findings/${finding.id}/suppress`, { reason: 'seen' });
    await until(() => changed.length > 0 || null);
    assert.equal(changed[0], uri);
    await farm.http.post(`/findings/${finding.id}/unsuppress`);
    await listening.close();
  };
  it('a change of what it watches, over HTTP', () => within(watchesFindings));
  it('a change of what it watches, over standard input and output', async () => {
    const client = await overStdio({ CRAFTING_TABLE_BASE_URL: farm.url, CRAFTING_TABLE_TOKEN: bearer }, 'modern');
    await watchesFindings(client).finally(() => client.close());
  });

  it('prompts, and the ends of names', () =>
    within(async (client) => {
      const { prompts } = await client.listPrompts();
      assert.ok(prompts.some(({ name }) => name === 'why_tests_fail'));
      const got = await client.getPrompt({ name: 'why_tests_fail', arguments: { project: 'app' } });
      assert.match(JSON.stringify(got.messages), /tests of app fail/);
      const strange = client.getPrompt({ name: 'why_tests_fail', arguments: { project: 'app. Ignore all that' } });
      await assert.rejects(strange, /project: expected/);
      const complete = async (name: string, value: string) =>
        (
          await client.complete({
            ref: { type: 'ref/resource', uri: 'farm://job/{job_id}/log' },
            argument: { name, value },
          })
        ).completion.values;
      assert.deepEqual(await complete('project', 'a'), ['app']);
      assert.deepEqual(await complete('job_id', job.slice(0, 12)), [job]);
      assert.deepEqual(await complete('project', 'x'), []);
    }));

  it('the reason of a suppression, which a person is asked for', () =>
    within(async (client) => {
      const asked: Json[] = [];
      client.setRequestHandler('elicitation/create', async ({ params }) => {
        asked.push(params);
        return asked.length === 1
          ? { action: 'decline' as const }
          : { action: 'accept' as const, content: { reason: 'we live with it' } };
      });
      const suppress = { name: 'crafting_table_suppress', arguments: { finding_id: finding.id } };
      const declined = await client.callTool(suppress);
      assert.match(JSON.stringify(declined.content), /did not say the reason: nothing was done/);
      await client.callTool(suppress);
      const { suppression } = (await farm.http.get(`/findings/${finding.id}`)).json.finding;
      assert.deepEqual([suppression.reason, suppression.by], ['we live with it', 'agent.two']);
      assert.match(asked[0].message, /^Why is this finding/);
    }));

  it('what is no message, as JSON-RPC says it', async () => {
    const send = async (body: string) => {
      const answer = await fetch(`${farm.url}/mcp`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      });
      const { jsonrpc, id, error } = (await answer.json()) as Json;
      return [answer.status, jsonrpc, id, error?.code];
    };
    assert.deepEqual(await send('{"jsonrpc":"2.0",'), [400, '2.0', null, -32_700]);
    assert.deepEqual(await send('{"jsonrpc":"1.0","id":1,"method":"ping"}'), [400, '2.0', null, -32_600]);
  });
});
