import type { JsMsg } from '@nats-io/jetstream';

/** Where the client keeps a message as it came; not part of what it promises, so it may be missing one day. */
type Received = { readonly msg?: { readonly _rdata?: Uint8Array; readonly _msg?: { readonly hdr?: number } } };

/**
 * Reads single headers of a message; '' for one that is not there. The client's own way builds a checked map of all
 * headers first, which costs more than everything else that is done with an event; here each is looked up in the text.
 */
export function headerReaderOf(message: JsMsg): (name: string) => string {
  const { _rdata: bytes, _msg: { hdr: length = 0 } = {} } = (message as Received).msg ?? {};
  if (!(bytes instanceof Uint8Array) || length <= 0) return (name) => message.headers?.get(name) ?? '';
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('utf8');
  return (name) => {
    const found = text.indexOf(`\r\n${name}:`);
    if (found < 0) return '';
    const from = found + name.length + 3;
    return text.slice(from, text.indexOf('\r\n', from)).trim();
  };
}
