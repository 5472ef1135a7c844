import type { StoredMessage } from '../io/nats/stream-snapshot.ts';

/** Bytes of the two lengths before a record: that of its description, that of its data. */
const lengths = 8;

/** One message as bytes: two lengths (32 bits, big-endian), `{seq, subject, headers}` as JSON, and the data as it was. */
export function encodeRecord({ seq, subject, headers, data }: StoredMessage): Buffer {
  const head = Buffer.from(JSON.stringify({ seq, subject, headers }));
  const frame = Buffer.allocUnsafe(lengths);
  frame.writeUInt32BE(head.length, 0);
  frame.writeUInt32BE(data.length, 4);
  return Buffer.concat([frame, head, data]);
}

/** The messages of one part. Throws RangeError or SyntaxError when the bytes are not whole records. */
export function* decodeRecords(bytes: Buffer): Generator<StoredMessage> {
  for (let at = 0; at < bytes.length; ) {
    const head = bytes.readUInt32BE(at);
    const data = bytes.readUInt32BE(at + 4);
    const from = at + lengths;
    const end = from + head + data;
    if (end > bytes.length) throw new RangeError('a record is longer than its part');
    const { seq, subject, headers } = JSON.parse(bytes.toString('utf8', from, from + head)) as StoredMessage;
    yield { seq, subject, headers, data: bytes.subarray(from + head, end) };
    at = end;
  }
}
