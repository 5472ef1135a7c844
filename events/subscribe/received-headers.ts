import type { Msg } from '@nats-io/transport-node';

/** Where the client keeps a message as it came; not part of what it promises, so it may be missing one day. */
type Received = { readonly _rdata?: Uint8Array; readonly _msg?: { readonly hdr?: number } };

/** The header of a message as it came, '' without one; null when the client keeps it in another way. */
export function headerTextOf(message: object | undefined): string | null {
  const { _rdata: bytes, _msg: { hdr: length } = {} } = (message ?? {}) as Received;
  if (!(bytes instanceof Uint8Array) || length === undefined) return null;
  return length > 0 ? Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('utf8') : '';
}

/**
 * Reads single headers of a message; '' for one that is not there. The client's own way builds a checked map of all
 * headers first, which costs more than everything else that is done with an event; here each is looked up in the text.
 */
export function receivedHeaders(message: Msg): (name: string) => string {
  const text = headerTextOf(message);
  return text === null ? (name) => message.headers?.get(name) ?? '' : (name) => headerIn(text, name);
}

/** The value of a header in the text of them all; of several of one name the first. */
export function headerIn(text: string, name: string): string {
  const found = text.indexOf(`\r\n${name}:`);
  if (found < 0) return '';
  const from = found + name.length + 3;
  return text.slice(from, text.indexOf('\r\n', from)).trim();
}
