import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../services/config.ts';
import { silent } from '../../services/io/log.ts';
import type { Parts } from '../../services/role-deps.ts';
import { start } from '../../services/start.ts';
import { testConfig } from './farm.ts';
import { type Http, httpAt, type Json } from './http.ts';
import { judgeHere } from './judge-here.ts';
import { openPatchParts, type PatchParts, type PatchPartsOptions } from './patch-parts.ts';
import { until } from './until.ts';

/** An answer of the agent; a function is called when it is asked. Null is the gateway's 502. */
export type Told = string | null | ((prompt: string) => string | Promise<string>);

export type PatchFarm = {
  readonly http: Http;
  readonly url: string;
  /** Holds its data folder. */
  readonly dir: string;
  readonly parts: PatchParts;
  readonly store: Awaited<ReturnType<typeof start>>['store'];
  /** What the agent answers for the attempts of a project, one after the other; and what it was asked. */
  readonly script: (project: string, ...answers: Told[]) => void;
  readonly asked: (project: string) => { readonly sessionId: string; readonly prompt: string }[];
  /** Registers a project on the repository and runs its recipe; answers the job and what it found. */
  readonly seen: (name: string, more?: Record<string, unknown>, recipe?: string) => Promise<Seen>;
  readonly run: (name: string, recipe?: string) => Promise<Seen>;
  /** Asks for an attempt and answers how it stands when it is settled. */
  readonly mend: (seen: Seen, code: string, more?: { line?: number; file?: string }) => Promise<Json>;
  /** An attempt as soon as it is so. */
  readonly settled: (id: string, isSo: (attempt: Json) => boolean) => Promise<Json>;
  readonly close: () => Promise<void>;
};

export type Seen = { readonly name: string; readonly job: string; readonly findings: Json[]; readonly end: Json };

export type PatchFarmOptions = Omit<PatchPartsOptions, 'answer'> & {
  /** Without an agent: the first two methods alone. */
  readonly agent?: boolean;
  readonly subproject?: Record<string, unknown>;
  readonly recipe?: string;
  readonly env?: Record<string, string>;
  readonly config?: (config: Config) => Config;
  readonly using?: (parts: PatchParts) => Parts;
};

const linting = { path: '.', language: 'javascript', lint: 'perl lint.pl # eslint -f json' };

/** A farm with a forge and an agent that answers by a script. Several projects may live on the one repository. */
export async function openPatchFarm(options: PatchFarmOptions): Promise<PatchFarm> {
  const { agent = true, subproject = linting, recipe: usual = 'lint', env = {}, config = (one) => one } = options;
  const scripts = new Map<string, Told[]>();
  const asked: { project: string; sessionId: string; prompt: string }[] = [];
  const answer = async (prompt: string, { sessionId }: { sessionId: string }) => {
    const named = /"project":"([^"]+)"/.exec(prompt)?.[1];
    const project = named ?? asked.find((one) => one.sessionId === sessionId)?.project ?? '';
    asked.push({ project, sessionId, prompt });
    const told = scripts.get(project)?.shift();
    if (told === undefined || told === null) throw new Error(`nothing to say about ${project}`);
    return typeof told === 'string' ? told : told(prompt);
  };
  const parts = await openPatchParts({ ...options, ...(agent ? { answer } : {}) });
  const dir = mkdtempSync(join(tmpdir(), 'ct-patch-farm-'));
  const put = () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  const farm = await start(config(testConfig(dir, { ...parts.env, ...env })), silent, {
    findLabels: async () => [],
    judge: judgeHere,
    ...options.using?.(parts),
  }).catch(async (error) => {
    await parts.close();
    put();
    throw error;
  });
  const url = farm.url ?? '';
  const http = httpAt(url, (await readFile(farm.adminBearerFile ?? '', 'utf8')).trim());
  const run = async (name: string, recipe = usual): Promise<Seen> => {
    const made = await http.post(`/projects/${name}/jobs`, { recipe });
    assert.equal(made.status, 202, made.text);
    const end = await http.ended(made.json.job_id);
    const { findings } = (await http.get(`/jobs/${made.json.job_id}/findings?limit=500`)).json;
    return { name, job: made.json.job_id, findings, end };
  };
  return {
    http,
    url,
    dir,
    parts,
    store: farm.store,
    script: (project, ...answers) => void scripts.set(project, answers),
    asked: (project) => asked.filter((one) => one.project === project),
    run,
    seen: async (name, more = {}, recipe = usual) => {
      const body = { name, git_url: parts.gitUrl, subprojects: [subproject], ...more };
      const made = await http.post('/projects', body);
      assert.equal(made.status, 201, made.text);
      return run(name, recipe);
    },
    mend: async ({ job, findings }, code, { line, file } = {}) => {
      const finding = findings.find(
        (one) =>
          one.code === code && (line === undefined || one.line === line) && (file === undefined || one.file === file),
      );
      assert.ok(finding, `no finding ${code} in ${JSON.stringify(findings).slice(0, 2000)}`);
      const { json, text } = await http.post(`/jobs/${job}/patches?wait=300`, { finding_id: finding.id });
      assert.ok(json?.attempt, text);
      return json.attempt;
    },
    settled: (id, isSo) =>
      until(async () => {
        const { attempt } = (await http.get(`/patches/${id}`)).json;
        return isSo(attempt) ? attempt : null;
      }),
    close: async () => {
      await farm.close();
      put();
      await parts.close();
    },
  };
}
