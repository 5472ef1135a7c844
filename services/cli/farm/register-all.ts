import { join } from 'node:path';
import type { RegistrationMode } from '../../../events/people/registration.ts';
import { AppError, messageOf } from '../../floor/app-error.ts';
import { printable } from '../../floor/text/printable.ts';
import { apiClient } from './api-client.ts';
import { farmProjects } from './farm-projects.ts';
import { type Documents, readProjectDocuments } from './project-documents.ts';
import { usualServer } from './service-meant.ts';

export type RegisterOptions = {
  readonly dir?: string;
  readonly mode?: string;
  readonly set?: string;
  readonly renewCredentials?: boolean;
  readonly json?: boolean;
};

/** Names of projects by how they fared. */
export type RegistrationReport = Record<
  'created' | 'updated' | 'unchanged' | 'removed' | 'skipped' | 'failed',
  string[]
>;

/** The documents that come with the farm. */
export const shippedRecipes: string = join(import.meta.dirname, '..', '..', '..', 'recipes');

/**
 * Registers every document of a folder: nothing is sent before all of them are read and found good. Ends at the first
 * project that is refused, says which are done, and answers 1. Throws AppError when nothing could be begun.
 */
export async function registerAll(
  env: NodeJS.ProcessEnv,
  { dir = shippedRecipes, mode = 'merge', set = 'recipes', renewCredentials = false, json = false }: RegisterOptions,
  print: (line: string) => void,
): Promise<number> {
  if (mode !== 'merge' && mode !== 'reconcile')
    throw new AppError('invalid', `--mode must be merge or reconcile; found ${JSON.stringify(mode)}.`);
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(set))
    throw new AppError('invalid', `--set must be a short name in lower case; found ${JSON.stringify(set)}.`);
  const token = env['CRAFTING_TABLE_TOKEN'] ?? '';
  if (token === '')
    throw new AppError('invalid', 'CRAFTING_TABLE_TOKEN is not set: it must hold a bearer of the farm.');
  const documents = readProjectDocuments(dir, {
    token: env['GITEA_TOKEN'] ?? '',
    email: env['NOTIFY_EMAIL'] ?? '',
  });
  const warnings: string[] = [];
  const api = apiClient(env['CRAFTING_TABLE_BASE_URL'] || usualServer, token);
  const farm = farmProjects(api, (text) => warnings.push(text));
  const report = await run(documents, farm, { mode, set, renewCredentials });
  print(json ? JSON.stringify({ ...report, warnings }) : sentences(report, warnings));
  return report.failed.length === 0 ? 0 : 1;
}

type Farm = ReturnType<typeof farmProjects>;
type Settings = { readonly mode: RegistrationMode; readonly set: string; readonly renewCredentials: boolean };
type Outcome = RegistrationReport & { reason: string | null; not_tried: string[] };

async function run({ wanted, skipped }: Documents, farm: Farm, { mode, set, renewCredentials }: Settings) {
  const known = await farm.list();
  const creating = wanted.map(({ name }) => name).filter((name) => !known.has(name));
  const managed = await farm.started(set, { mode, projects: wanted.map(({ name }) => name), creating });
  const listed = new Set([...wanted.map(({ name }) => name), ...skipped]);
  const leaving = mode === 'reconcile' ? managed.filter((name) => known.has(name) && !listed.has(name)) : [];
  const outcome: Outcome = {
    created: [],
    updated: [],
    unchanged: [],
    removed: [],
    skipped,
    failed: [],
    reason: null,
    not_tried: [],
  };
  const steps = [
    ...wanted.map((input) => ({
      name: input.name,
      act: () => farm.put(input, known.get(input.name) ?? null, { mode, renewCredentials }),
    })),
    ...leaving.map((name) => ({ name, act: () => farm.remove(name) })),
  ];
  for (const { name, act } of steps) {
    if (outcome.reason !== null) outcome.not_tried.push(name);
    else {
      try {
        outcome[await act()].push(name);
      } catch (error) {
        outcome.failed.push(name);
        outcome.reason = messageOf(error);
      }
    }
  }
  const { reason: _reason, not_tried: _rest, ...report } = outcome;
  // A farm that went away cannot take the report; what is told here is told all the same.
  await farm.completed(set, { mode, ...report }).catch((error) => {
    outcome.reason ??= `The report could not be left at the farm: ${messageOf(error)}`;
  });
  return outcome;
}

function sentences(outcome: Outcome, warnings: readonly string[]): string {
  const lines = (['created', 'updated', 'unchanged', 'removed', 'skipped', 'failed', 'not_tried'] as const)
    .filter((kind) => outcome[kind].length > 0)
    .map((kind) => `${kind.replace('_', ' ').padEnd(10)} ${outcome[kind].join(', ')}`);
  for (const one of warnings) lines.push(`warning    ${printable(one)}`);
  if (outcome.reason !== null) lines.push(`stopped    ${printable(outcome.reason)}`);
  return lines.length > 0 ? lines.join('\n') : 'there was nothing to do';
}
