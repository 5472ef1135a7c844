import { type Static, Type } from '@sinclair/typebox';
import { AppError } from '../floor/app-error.ts';

/** The header of a request that changes only the version which its sender saw (RFC 9110, 13.1.1). */
export const IfMatch = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      maxLength: 512,
      description: 'the ETag of the version that you saw, or several, or *; another version now is answered by 412',
    }),
  ),
});

type Tagged = { header(name: string, value: string): unknown };

/** Names a version by the sequence of the event that made it. */
export function tag(reply: Tagged, seq: number): void {
  reply.header('etag', `"${seq}"`);
}

/**
 * What a header asks for: null for any version. A proxy that packs answers makes the tags weak; they name the version and not
 * its bytes, so a weak one is good for the same. Throws AppError('invalid').
 */
function versionsIn({ 'if-match': header }: Static<typeof IfMatch>): readonly number[] | null {
  if (header === undefined || header.trim() === '*') return null;
  const versions = header.split(',').map((one) => /^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(one)?.[1]);
  if (versions.includes(undefined))
    throw new AppError('invalid', '/headers/if-match: expected an ETag as it was answered, such as "17", or *', {
      faults: [{ path: '/headers/if-match', message: 'expected an ETag as it was answered, such as "17", or *' }],
    });
  return versions.map(Number);
}

/** Lets pass whoever saw the version of now, and whoever asks for none. Throws AppError 412 with what `told` says. */
export async function refuseOthers(
  asked: Static<typeof IfMatch>,
  now: { readonly seq: number; readonly reply: Tagged },
  told: (seen: number) => Promise<AppError> | AppError,
): Promise<void> {
  const versions = versionsIn(asked);
  if (versions === null || versions.includes(now.seq)) return;
  tag(now.reply, now.seq);
  throw await told(Math.max(...versions));
}

/** A refusal by If-Match; `since` says what changed. */
export function changedSince(since: string, faults: { path: string; message: string }[] = []): AppError {
  return new AppError('conflict', since, { name: 'version_changed', faults });
}
