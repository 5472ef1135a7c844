import { AppError } from '../../floor/app-error.ts';
import type { Forge } from './forge.ts';

/** What one attempt owns: its branch, and the pull request that it opened; null while it has none. */
type ForgeScope = { readonly branch: string; readonly base: string; readonly number: number | null };

/**
 * A forge on which anything may be read, and only what the attempt owns may be written: a pull request from its branch
 * into its base, and the one that the forge answered for these. Any other write is told to `onRefused`, which is waited
 * for, and ends as AppError('forbidden') without the forge having been asked.
 */
export function scopedForge(
  forge: Forge,
  scope: ForgeScope,
  onRefused: (operation: string, target: string, reason: string) => Promise<void>,
): Forge {
  const { branch, base } = scope;
  const own = new Set(scope.number === null ? [] : [scope.number]);
  const isOwn = (pull: { head: string; base: string }): boolean => pull.head === branch && pull.base === base;
  const refuse = async (operation: string, target: string, reason: string): Promise<never> => {
    await onRefused(operation, target, reason);
    throw new AppError('forbidden', `The attempt may not do this on the forge (${operation} ${target}): ${reason}.`);
  };
  const mustOwn = async (operation: string, number: number): Promise<void> => {
    if (!own.has(number)) await refuse(operation, `#${number}`, 'it is not the pull request of this attempt');
  };

  return {
    kind: forge.kind,
    repository: forge.repository,
    readPull: (number) => forge.readPull(number),
    findPull: async (head, into) => {
      const found = await forge.findPull(head, into);
      if (found !== null && isOwn(found)) own.add(found.number);
      return found;
    },
    openPull: async (pull) => {
      const target = `${pull.head} into ${pull.base}`.slice(0, 512);
      if (!isOwn(pull)) await refuse('openPull', target, 'it is not the branch of this attempt');
      const opened = await forge.openPull(pull);
      if (isOwn(opened)) own.add(opened.number);
      return opened;
    },
    updatePull: async (number, text) => {
      await mustOwn('updatePull', number);
      return forge.updatePull(number, text);
    },
    comment: async (number, body) => {
      await mustOwn('comment', number);
      return forge.comment(number, body);
    },
    closePull: async (number) => {
      await mustOwn('closePull', number);
      return forge.closePull(number);
    },
    recentPulls: (etag) => forge.recentPulls(etag),
    setStatus: ({ sha, context }) =>
      refuse('setStatus', `${sha} ${context}`.slice(0, 512), 'an attempt tells nothing of jobs'),
  };
}
