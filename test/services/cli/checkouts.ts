import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { makeRepository, temporaryFolder } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { type WatchedCli, watchedCli } from './watched-cli.ts';

// The weakest level starts at once; what the others hold is tested where they live.
export const here: NodeJS.ProcessEnv = { ...process.env, CRAFTING_CONTAINMENT: 'process-group' };

/** A checkout with a document of one subproject with these commands. */
export function checkoutWith(context: TestContext, recipes: Json, files: Record<string, string>): string {
  const document = { subprojects: [{ path: '.', language: 'javascript', ...recipes }] };
  return makeRepository(join(temporaryFolder(context), 'shop'), {
    '.crafting-table.json': JSON.stringify(document),
    ...files,
  });
}

/** A command line at which somebody gives these answers, one after the other. */
export function askedCli(answers: readonly string[], env: NodeJS.ProcessEnv = here): WatchedCli {
  const left = [...answers];
  return { ...watchedCli({ env }), input: { isTTY: true, all: async () => '', ask: async () => left.shift() ?? null } };
}

/** Runs a program to its end, as somebody in a shell does; `out` is both of its streams. */
export function ranAs(
  file: string,
  args: readonly string[],
  { cwd, env = here }: { cwd: string; env?: NodeJS.ProcessEnv },
) {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, env, encoding: 'utf8' });
  return { code: status, out: `${stdout}${stderr}` };
}
