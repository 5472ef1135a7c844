import { createHash } from 'node:crypto';

/** What of a git index matters for cleaning. `attributes` changes when any `.gitattributes` of the tree does. */
type IndexFacts = { gitlinks: string[]; attributes: string };

const headerBytes = 12;
const fixedBytes = 62;
const modeOffset = 24;
const idOffset = 40;
const idBytes = 20;
const gitlinkMode = 0o160000;

/**
 * Reads a git index of version 2 (gitformat-index). Gitlinks are listed because git never looks into their folders when it
 * cleans. Attributes are watched because git leaves unchanged files alone when only their conversion changes.
 */
export function scanIndex(index: Buffer): IndexFacts {
  if (index.toString('latin1', 0, 4) !== 'DIRC' || index.readUInt32BE(4) !== 2) {
    throw new Error('the index is not of version 2');
  }
  const gitlinks: string[] = [];
  const attributes = createHash('sha256');
  let at = headerBytes;
  for (let left = index.readUInt32BE(8); left > 0; left -= 1) {
    const nameStart = at + fixedBytes;
    const nameEnd = index.indexOf(0, nameStart);
    if (nameEnd < 0) throw new Error('the index is cut off');
    if (index.readUInt32BE(at + modeOffset) === gitlinkMode) gitlinks.push(index.toString('utf8', nameStart, nameEnd));
    if (isAttributes(index, nameStart, nameEnd)) {
      attributes.update(index.subarray(nameStart, nameEnd + 1));
      attributes.update(index.subarray(at + idOffset, at + idOffset + idBytes));
    }
    // Entries are padded with 1 to 8 zeros to a multiple of eight bytes.
    at += Math.floor((nameEnd - at) / 8) * 8 + 8;
  }
  return { gitlinks, attributes: attributes.digest('hex') };
}

const attributesName = Buffer.from('.gitattributes');

function isAttributes(index: Buffer, start: number, end: number): boolean {
  const from = end - attributesName.length;
  if (from < start || index[from] !== 0x2e) return false;
  if (from > start && index[from - 1] !== 0x2f) return false;
  return index.compare(attributesName, 0, attributesName.length, from, end) === 0;
}
