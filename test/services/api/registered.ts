import assert from 'node:assert/strict';
import type { TestFarm } from '../../support/farm.ts';
import type { Asking, Json } from '../../support/http.ts';

/** Registers a project on the farm's repository; without subprojects it gets one that has these commands. */
export async function register(
  { http, repository }: Pick<TestFarm, 'http' | 'repository'>,
  name: string,
  { bearer, commands = { test: 'true' }, ...document }: Asking & { commands?: Json; [field: string]: Json } = {},
): Promise<Json> {
  const body = {
    name,
    git_url: repository,
    subprojects: [{ path: '.', language: 'shell', ...commands }],
    ...document,
  };
  const { status, json, text } = await http.post('/projects', body, bearer === undefined ? {} : { bearer });
  assert.equal(status, 201, text);
  return json.project;
}

/** Asks for a job and answers it as it was enqueued. */
export async function enqueue(
  { http }: Pick<TestFarm, 'http'>,
  name: string,
  body: Json,
  asking?: Asking,
): Promise<Json> {
  const { status, json, text } = await http.post(`/projects/${name}/jobs`, body, asking);
  assert.equal(status, 202, text);
  return json.jobs[0];
}

/** A finding of eslint in its JSON, as a recipe prints it. */
export function eslintReport(file: string, message: string, line = 1): string {
  return JSON.stringify([
    {
      filePath: file,
      messages: [{ ruleId: 'no-undef', severity: 2, message, line, column: 1, nodeType: 'Identifier' }],
      errorCount: 1,
      warningCount: 0,
      fatalErrorCount: 0,
      fixableErrorCount: 0,
      fixableWarningCount: 0,
      suppressedMessages: [],
    },
  ]);
}
