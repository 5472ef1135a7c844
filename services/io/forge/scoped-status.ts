import { AppError } from '../../floor/app-error.ts';
import type { CommitStatus, Forge } from './forge.ts';

/** The commit and the context of one job. */
type StatusScope = Pick<CommitStatus, 'sha' | 'context'>;

/** A forge on which nothing may be done but to say how one job stands on its own commit. Else AppError('forbidden'). */
export function scopedStatus(forge: Forge, { sha, context }: StatusScope): Pick<Forge, 'setStatus'> {
  return {
    setStatus: async (status) => {
      if (status.sha !== sha || status.context !== context)
        throw new AppError('forbidden', 'A job may be told of on its own commit alone.');
      await forge.setStatus(status);
    },
  };
}
