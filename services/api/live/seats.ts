import type { FastifyReply } from 'fastify';
import { AppError } from '../../floor/app-error.ts';
import type { Caller } from '../authenticate.ts';
import type { ApiNodes } from '../nodes/api-nodes.ts';

/** What one answer holds on to for as long as it is being given. */
type SeatKind = 'follower' | 'moment' | 'export';

const words: Readonly<Record<SeatKind, string>> = {
  follower: 'answers that follow the log or the output of a job',
  moment: 'looks at earlier moments',
  export: 'exports',
};
/** The most at once, of one token and of the farm. */
export const mostSeats: Readonly<Record<SeatKind, { readonly token: number; readonly farm: number }>> = {
  follower: { token: 64, farm: 512 },
  moment: { token: 16, farm: 64 },
  export: { token: 8, farm: 32 },
};

/** Gives a place until the answer has ended. Throws AppError('rate_limited') when there is none. */
export type Seats = {
  take(kind: SeatKind, caller: Pick<Caller, 'name'>, reply: Pick<FastifyReply, 'raw'>): void;
};

/** With other processes that answer requests, their answers count too. */
export function openSeats(nodes: Pick<ApiNodes, 'share' | 'countElsewhere'> | null = null): Seats {
  const taken = new Map<string, number>();
  const move = (key: string, by: number) => {
    const now = (taken.get(key) ?? 0) + by;
    if (now > 0) taken.set(key, now);
    else taken.delete(key);
  };
  const all = (key: string) => (taken.get(key) ?? 0) + (nodes?.countElsewhere('seats', key) ?? 0);
  nodes?.share('seats', () => taken);
  return {
    take: (kind, { name }, reply) => {
      const keys = { token: `${kind} ${name}`, farm: kind };
      for (const scope of ['token', 'farm'] as const)
        if (all(keys[scope]) >= mostSeats[kind][scope])
          throw new AppError(
            'rate_limited',
            `${mostSeats[kind][scope]} ${words[kind]} are under way for this ${scope}; that is the most at once.`,
            { name: `too_many_${kind}s`, retryAfterSecs: 5 },
          );
      if (reply.raw.closed) return;
      for (const key of Object.values(keys)) move(key, 1);
      reply.raw.once('close', () => {
        for (const key of Object.values(keys)) move(key, -1);
      });
    },
  };
}
