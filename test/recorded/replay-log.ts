import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { headers } from '@nats-io/transport-node';
import Database from 'better-sqlite3';
import { projections } from '../../projections/registry.ts';
import { silent } from '../../services/io/log.ts';
import { connectNats } from '../../services/io/nats/connection.ts';
import { makeStreams } from '../../services/io/nats/make-streams.ts';
import { startEmbeddedServer } from '../../services/io/nats/server/embedded-server.ts';
import { startIn } from '../support/farm.ts';
import { inTempDir } from '../support/farm-parts.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
export const answersFile = join(fixtures, 'answers.json');

/** A message of a log that a farm wrote once, without what names its machine. */
type Message = { readonly subject: string; readonly header: Readonly<Record<string, string>>; readonly data: string };
type Json = ReturnType<typeof JSON.parse>;

/** What is made of the log: the rows of every read model, and what the API answers of it. */
export type Made = { readonly tables: Record<string, Json[]>; readonly answers: Record<string, Json> };

/** Starts a farm on the recorded log, and says what it makes of it. */
export async function replayedLog(): Promise<Made> {
  return inTempDir(async (dir) => {
    const dataDir = join(dir, 'data');
    mkdirSync(dataDir, { recursive: true });
    // The bearer whose hash the log's first event holds.
    writeFileSync(join(dataDir, 'admin-bearer.txt'), 'ct_recorded\n', { mode: 0o600 });
    const end = await store(dataDir);
    const farm = await startIn(dir, { CRAFTING_ROLES: 'api,projector' });
    try {
      await farm.models?.applied(end);
      const answers: Record<string, Json> = {};
      for (const path of paths(await ids(farm.http))) {
        const { status, json, text } = await farm.http.get(path);
        answers[path] = { status, body: withoutRequest(json ?? text.split('\n').slice(0, -1)) };
      }
      return { tables: rowsIn(join(dataDir, 'read-model.db')), answers };
    } finally {
      await farm.close();
    }
  });
}

/** Writes the messages into an empty log as they were; answers the last sequence. */
async function store(dataDir: string): Promise<number> {
  const server = await startEmbeddedServer({ dataDir, program: 'nats-server', log: silent });
  const nats = await connectNats({ ...server, name: 'recorded', log: silent });
  await makeStreams(nats, { retentionDays: 36_500, replicas: 1 });
  const lines = readFileSync(join(fixtures, 'log.ndjson'), 'utf8').trim().split('\n');
  for (const line of lines) {
    const { subject, header, data } = JSON.parse(line) as Message;
    const sent = headers();
    for (const [name, value] of Object.entries(header)) sent.set(name, value);
    await nats.js.publish(subject, data, { headers: sent });
  }
  await nats.connection.close();
  await server.stop();
  return lines.length;
}

async function ids(http: { get(path: string): Promise<{ json: Json }> }) {
  const list = async (path: string, key: string, id: string): Promise<string[]> =>
    (await http.get(path)).json[key].map((one: Json) => String(one[id])).sort();
  return {
    jobs: await list('/jobs', 'jobs', 'job_id'),
    findings: await list('/findings', 'findings', 'id'),
    patches: await list('/patches', 'patches', 'id'),
  };
}

function paths({ jobs, findings, patches }: Awaited<ReturnType<typeof ids>>): string[] {
  return [
    ...['/projects', '/projects/p', '/projects/p/proposals', '/projects/p/findings.sarif', '/admin/tokens'],
    ...['/jobs', '/jobs?limit=2', '/jobs?at=30', '/jobs?status=failed', '/findings', '/findings?at=20&state=open'],
    ...['/findings?kind=lint&limit=3', '/patches', '/patches?at=25', '/diff?from=20&to=50'],
    ...jobs.flatMap((id) => [`/jobs/${id}/findings`, `/jobs/${id}/findings.sarif`, `/jobs/${id}/explain`]),
    ...findings.flatMap((id) => [`/findings/${id}`, `/findings/${id}?at=20`, `/findings/${id}/explain`]),
    ...patches.flatMap((id) => [`/patches/${id}`, `/patches/${id}/explain`]),
  ];
}

/** Every request has an id of its own, and the requests here are the last use of their token. */
function withoutRequest(body: Json): Json {
  return JSON.parse(JSON.stringify(body), (key, value) => (/^(request_id|last_used_at)$/.test(key) ? null : value));
}

/** The rows of every read model, in the order by which their checksums are made. */
function rowsIn(file: string): Record<string, Json[]> {
  const db = new Database(file, { readonly: true });
  const tables = projections.flatMap(({ tables: own }) => Object.entries(own));
  const rows = tables.map(([table, order]) => [table, db.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).all()]);
  db.close();
  return JSON.parse(JSON.stringify(Object.fromEntries(rows)));
}

/** A line for each table and each answer: a diff names what has changed. */
function lined(made: Made): string {
  const part = (one: Record<string, Json>) =>
    Object.entries(one).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  const [tables, answers] = [part(made.tables).join(',\n'), part(made.answers).join(',\n')];
  return `{"tables": {\n${tables}\n},\n"answers": {\n${answers}\n}}\n`;
}

if (import.meta.main) writeFileSync(answersFile, lined(await replayedLog()));
