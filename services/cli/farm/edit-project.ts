import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { documentOf } from '../../documents/project-schema.ts';
import { AppError } from '../../floor/app-error.ts';
import type { Cli } from '../define.ts';
import { jsonFrom } from '../input/file-or-stdin.ts';
import type { ApiClient } from './api-client.ts';

export type StoredProject = { readonly name: string };

/**
 * Opens the document of a project in the editor, and puts it. A document that is refused stays in its file, which the
 * error names. Answers null when nothing was changed.
 */
export async function editProject(cli: Cli, api: ApiClient, name: string): Promise<unknown> {
  const path = `/projects/${encodeURIComponent(name)}`;
  const { answer: seen, etag } = await api.version<{ project: StoredProject }>(path);
  const text = `${JSON.stringify(documentOf(seen.project), null, 2)}\n`;
  const file = join(await mkdtemp(join(tmpdir(), 'crafting-table-edit-')), `${name}.json`);
  await writeFile(file, text, { mode: 0o600 });
  const answer = await keepingFile(file, name, async () => {
    await openEditor(file, cli.env);
    if ((await readFile(file, 'utf8')) === text) return null;
    const edited = await jsonFrom(file, cli);
    return api.put<unknown>(path, edited, etag);
  });
  await rm(dirname(file), { recursive: true, force: true });
  return answer;
}

async function keepingFile<T>(file: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, faults, reason } = error;
    const kept = `What you wrote is kept: crafting-table projects edit ${name} --file ${file}`;
    throw new AppError(code, `${error.message} ${kept}`, { cause: error, faults, name: reason });
  }
}

/** Runs the editor as git does: VISUAL and EDITOR may hold options. */
async function openEditor(file: string, env: NodeJS.ProcessEnv): Promise<void> {
  const editor = env['VISUAL'] || env['EDITOR'] || 'vi';
  const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit', env });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0)
    throw new AppError('invalid', `The editor ${JSON.stringify(editor)} ended with ${code ?? 'a signal'}.`);
}
