/** A request to launcher.pl: the length of the rest, then each field with its own length, all as 32 bits big-endian. */
export function encodeFrame(fields: readonly string[]): Buffer {
  const total = fields.reduce((sum, field) => sum + 4 + Buffer.byteLength(field), 0);
  const frame = Buffer.allocUnsafe(4 + total);
  let at = frame.writeUInt32BE(total, 0);
  for (const field of fields) {
    const length = frame.write(field, at + 4);
    at = frame.writeUInt32BE(length, at) + length;
  }
  return frame;
}
