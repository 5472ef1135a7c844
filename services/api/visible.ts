import type { FastifyReply } from 'fastify';
import type { ReadModels } from '../projector/read-models.ts';

/** How long an answer waits until its own event can be read, in ms. */
const patience = 5_000;

/**
 * Read your writes: waits until the read model holds the event, then sets the status. When that takes too long the
 * answer is a 202 that says which sequence to wait for.
 */
export async function visible(models: ReadModels, seq: number, reply: FastifyReply, status: number): Promise<void> {
  if (await models.applied(seq, patience)) {
    reply.code(status);
    return;
  }
  reply.code(202).header('x-crafting-pending', String(seq));
}
