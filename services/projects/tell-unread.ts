import type { ProjectDoc } from '../../projections/projects/projects.ts';
import { type AppError, isAppError } from '../floor/app-error.ts';
import { type DecisionDeps, decisionOn } from '../projector/decision.ts';

/**
 * Says once why the branch that brings a project's recipes cannot be read, and once that it can be again. `error`: what a look
 * met; null: it was read. What ails the farm itself is no word on the repository.
 */
export async function tellUnread({ name }: ProjectDoc, error: unknown, deps: DecisionDeps): Promise<void> {
  const trouble = error === null ? null : troubleOf(error);
  const known = deps.models.query().projects.find(name);
  if (known?.recipes !== 'repository' || trouble === undefined || known.recipes_unread?.code === trouble?.code) return;
  const decision = await decisionOn('RepositoryRecipesUnread', name, deps);
  const project = decision.query().projects.find(name);
  if (project?.recipes !== 'repository' || project.recipes_unread?.code === trouble?.code) return;
  const made = await decision.tryAppend({ name, branch: project.default_branch, trouble });
  if (made) await deps.models.applied(made.seq);
}

/** What may pass within the farm by itself, such as a read model that lags behind: no word on a remote. */
export function isOwnTrouble(error: unknown): error is AppError {
  return isAppError(error, 'unavailable') && troubleOf(error) === undefined;
}

function troubleOf(error: unknown): { code: string; detail: string } | undefined {
  if (!isAppError(error) || error.reason === 'git_closing') return undefined;
  const isRemote = error.reason.startsWith('git_') || error.code === 'not_found' || error.code === 'timeout';
  return isRemote ? { code: error.reason, detail: error.message.slice(0, 1024) } : undefined;
}
