import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../floor/app-error.ts';

/** Seals bytes with AES-256-GCM; the name they are kept under is bound in, so that values cannot be swapped. */
export type SealBox = {
  seal(name: string, plain: string): Uint8Array;
  /** Throws AppError('unavailable') when the key is another one or the bytes were changed. */
  open(name: string, sealed: Uint8Array): string;
  /** A keyed hash, 64 hexadecimal digits: the same for the same purpose and text, of which it tells nothing. */
  keyedHash(purpose: string, text: string): string;
};

const version = 1;

/** Reads the key file, or makes it (0600) on first use. */
export function readOrMakeKey(file: string): Buffer {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new AppError('invalid', `${file} must hold 64 hexadecimal digits; it does not.`);
  return Buffer.from(text, 'hex');
}

export function openSealBox(key: Buffer): SealBox {
  return {
    seal: (name, plain) => {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(version), iv, cipher.getAuthTag(), body]);
    },
    open: (name, sealed) => {
      const bytes = Buffer.from(sealed);
      try {
        if (bytes[0] !== version) throw new Error('unknown version');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 13))
          .setAAD(Buffer.from(name))
          .setAuthTag(bytes.subarray(13, 29));
        return Buffer.concat([decipher.update(bytes.subarray(29)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new AppError(
          'unavailable',
          'A stored secret cannot be opened: it was sealed with another key (CRAFTING_SECRET_KEY).',
          { cause },
        );
      }
    },
    keyedHash: (purpose, text) => {
      // A key of its own for each purpose: what one use of it shows says nothing about another.
      const derived = Buffer.from(hkdfSync('sha256', key, '', `crafting-table ${purpose}`, 32));
      return createHmac('sha256', derived).update(text).digest('hex');
    },
  };
}
