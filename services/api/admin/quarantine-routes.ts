import { createHash } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { UnopenableEvent } from '../../../events/envelope.ts';
import { closed, text } from '../../../events/fields.ts';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { callerOf, mustBeAdmin } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';

const Quarantine = Type.Object(
  { event_seq: Type.Integer(), fault: Type.String(), reason: Type.String(), by: Type.String(), at: Type.String() },
  { title: 'Quarantine' },
);

/** What an admin does about a message of the log that is not an event: nothing goes on behind it until then. */
export const quarantineRoutes: Routes = (app, deps) => {
  app.post(
    '/admin/log/:seq/quarantine',
    {
      schema: {
        summary: 'Pass over one message of the log that cannot be opened; the message stays where it is',
        params: closed({ seq: Type.Integer({ minimum: 1 }) }),
        body: closed({ reason: text(1024, 1) }),
        response: { 200: success({ quarantine: Quarantine }) },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      mustBeAdmin(caller);
      const { seq } = request.params;
      const id = String(seq);
      const fault = await faultAt(seq, deps);
      if (fault !== null) {
        const message = await deps.log.raw(seq);
        if (!message) throw nothingAt(seq);
        const data = {
          event_seq: seq,
          subject: message.subject.slice(0, 512),
          digest: createHash('sha256').update(message.payload).digest('hex'),
          fault: fault.slice(0, 1024),
          reason: request.body.reason,
          by: caller.name,
        };
        // The read model stands still: the log itself is asked, and says that nobody was faster.
        await deps.log.append({ type: 'EventQuarantined', id, data }, { expect: 0 }).catch((error) => {
          if (!isAppError(error, 'conflict')) throw error;
        });
      }
      const said = await deps.log.last('EventQuarantined', id);
      if (!said) throw new AppError('conflict', `Sequence ${seq} is a sound event.`, { name: 'event_sound' });
      const { event_seq, reason, by } = said.data;
      return { ok: true as const, quarantine: { event_seq, fault: said.data.fault, reason, by, at: said.time } };
    },
  );
};

/** Why the message at a sequence cannot be opened; null when it can, or was passed over already. */
async function faultAt(seq: number, { log }: ApiDeps): Promise<string | null> {
  try {
    const event = await log.at(seq);
    if (event === null && (await log.raw(seq)) === null) throw nothingAt(seq);
    return null;
  } catch (error) {
    if (error instanceof UnopenableEvent) return error.message;
    throw error;
  }
}

function nothingAt(seq: number): AppError {
  return new AppError('not_found', `The log has no sequence ${seq}.`);
}
