import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { generateClients } from '../../clients/generate.ts';
import { describeOpenApi } from '../../services/api/open-api/open-api.ts';

const run = promisify(execFile);
const dir = mkdtempSync(join(tmpdir(), 'ct-calls-'));
const heard: { method: string; url: string; ifMatch?: string | undefined; key?: string | undefined }[] = [];
let streams = 0;

/** Names its version; of its stream it gives one event, is away for a moment, and goes on after the one that was heard. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '', headers } = request;
  heard.push({ method, url, ifMatch: headers['if-match'], key: headers['idempotency-key'] as string | undefined });
  if (url.startsWith('/events')) {
    streams += 1;
    if (streams === 2) return void response.writeHead(503, { 'content-type': 'application/json' }).end('{}');
    const seq = Number(headers['last-event-id'] ?? 0) + 1;
    const event = JSON.stringify({ seq, id: '', type: `heard${seq}`, entity: '', subject: '', time: '', data: {} });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    return void response.end(`id: ${seq}\ndata: ${event}\n\n`);
  }
  response.writeHead(200, { 'content-type': 'application/json', etag: '"17"' }).end('{"ok":true}');
}

const server = createServer(answer);
const query = (name: string, schema: object) => ({ in: 'query', name, required: false, schema });
const inPath = { in: 'path', name: 'id', required: true, schema: { type: 'string' } };
const ifMatch = { in: 'header', name: 'if-match', required: false, schema: { type: 'string' } };
const json = {
  content: { 'application/json': { schema: { type: 'object', properties: { ok: { type: 'boolean' } } } } },
};
const document = () => ({
  info: { version: '1.0.0' },
  paths: {
    '/owners': {
      get: {
        summary: 'Owners',
        parameters: [
          query('path', { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] }),
          query('state', { type: 'string', 'x-words': ['open', 'resolved'] }),
        ],
        responses: { 200: { ...json } },
      },
    },
    '/jobs/{id}': {
      put: {
        summary: 'Change',
        parameters: [inPath, ifMatch],
        requestBody: { required: true, ...json },
        responses: { 200: { ...json } },
      },
      post: { summary: 'Do', parameters: [inPath], responses: { 200: { ...json } } },
    },
  },
});
let url = '';
let env: NodeJS.ProcessEnv = {};

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  env = { ...process.env, FARM: url };
  generateClients(describeOpenApi(document(), { title: 'Problem', type: 'object', properties: {} }), dir);
});
beforeEach(() => {
  heard.length = 0;
  streams = 0;
});
after(() => {
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

const has = (program: string, ...args: string[]) =>
  run(program, args).then(
    () => true,
    () => false,
  );

/** What a program of each language has asked for. */
function assertAsked(): void {
  const [list, put, post] = heard;
  const asked = new URL(list?.url ?? '', url).searchParams;
  assert.deepEqual([asked.getAll('path'), asked.getAll('state')], [['a', 'b,c'], ['open,resolved']]);
  assert.deepEqual([put?.method, put?.ifMatch], ['PUT', '"17"']);
  assert.deepEqual([post?.method, post?.key], ['POST', 'mine']);
}

test('the TypeScript client sends lists as described, versions and keys, and refuses what nobody knows', async () => {
  const { FarmClient } = await import(pathToFileURL(join(dir, 'typescript/index.mjs')).href);
  const farm = new FarmClient({ url });
  let etag = '';
  const onAnswer = (head: { etag: string }) => {
    etag = head.etag;
  };
  await farm.getOwners({ path: ['a', 'b,c'], state: ['open', 'resolved'] }, { onAnswer });
  await farm.putJobsById({ id: '1', body: {} }, { ifMatch: etag });
  await farm.postJobsById({ id: '1' }, { idempotencyKey: 'mine' });
  assertAsked();
  assert.throws(() => farm.getOwners({ pth: 'a' }), /getOwners has no parameter pth; known: path, state/);
  assert.throws(() => farm.postJobsById({ id: '..' }), /id of \/jobs\/\{id\} cannot be \.\./);
  const seen: string[] = [];
  for await (const { type } of farm.events()) if (seen.push(type) === 2) break;
  assert.deepEqual(seen, ['heard1', 'heard2']);
  assert.equal(heard.length, 6);
});

test('a client is patient for as long as it was told', async () => {
  const { FarmClient } = await import(pathToFileURL(join(dir, 'typescript/index.mjs')).href);
  let calls = 0;
  const fetch = async () => {
    calls += 1;
    return calls < 3 ? new Response('{}', { status: 503 }) : Response.json({ ok: true });
  };
  await assert.rejects(new FarmClient({ url, fetch, patienceMs: 0 }).getOwners(), { status: 503 });
  assert.equal(calls, 1);
  assert.deepEqual(await new FarmClient({ url, fetch }).getOwners(), { ok: true });
});

test('the Python client sends lists as described, versions and keys, and refuses what nobody knows', async (t) => {
  if (!(await has('python3', '--version'))) return t.skip('python3 is not on this machine');
  const program = `
import os
from crafting_table import Farm
farm = Farm(os.environ["FARM"])
heads = []
farm.get_owners(path=["a", "b,c"], state=["open", "resolved"], on_answer=lambda status, headers: heads.append(headers))
farm.put_jobs_by_id("1", {}, if_match=heads[0]["etag"])
farm.post_jobs_by_id("1", idempotency_key="mine")
try:
    farm.get_owners(pth="a")
except TypeError as error:
    print("pth" in str(error))
events = farm.events()
print(next(events)["type"], next(events)["type"])
`;
  const { stdout } = await run('python3', ['-c', program], { cwd: join(dir, 'python'), env });
  assert.equal(stdout, 'True\nheard1 heard2\n');
  assertAsked();
});

test('the Go client sends lists as described, versions and keys, and goes on with a stream after a failure', async (t) => {
  if (!(await has('go', 'version'))) return t.skip('go is not on this machine');
  const own = join(dir, 'program');
  mkdirSync(own);
  const replace = 'replace crafting-table.invalid/client => ../go';
  writeFileSync(
    join(own, 'go.mod'),
    `module example.org/program\n\ngo 1.22\n\nrequire crafting-table.invalid/client v0.0.0\n\n${replace}\n`,
  );
  writeFileSync(
    join(own, 'main.go'),
    `package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"

	ct "crafting-table.invalid/client"
)

func main() {
	ctx := context.Background()
	farm := ct.New(os.Getenv("FARM"), "")
	farm.Tries = 1
	var head http.Header
	query := ct.Query{"path": []string{"a", "b,c"}, "state": []string{"open", "resolved"}}
	_, _ = farm.GetOwners(ctx, query, ct.AnswerHeader(&head))
	_, _ = farm.PutJobsById(ctx, "1", map[string]any{}, ct.IfMatch(head.Get("ETag")))
	_, _ = farm.PostJobsById(ctx, "1", ct.IdempotencyKey("mine"))
	err := farm.Events(ctx, nil, func(event ct.Event) error {
		fmt.Println(event.Type)
		if event.Seq == 2 {
			return io.EOF
		}
		return nil
	})
	fmt.Println(err)
}
`,
  );
  const offline = { ...env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  const { stdout } = await run('go', ['run', '.'], { cwd: own, env: offline });
  assert.equal(stdout, 'heard1\nheard2\n<nil>\n');
  assertAsked();
});
