import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../floor/app-error.ts';

/** Seals bytes with AES-256-GCM; the name they are kept under is bound in, so that values cannot be swapped. */
export type SealBox = {
  seal(name: string, plain: string): Uint8Array;
  /** Throws AppError('unavailable') when the key is another one or the bytes were changed. */
  open(name: string, sealed: Uint8Array): string;
  /** Whether the key that seals opens it, rather than an earlier one. */
  isSealedAnew(name: string, sealed: Uint8Array): boolean;
  /** A keyed hash, 64 hexadecimal digits: the same for the same purpose and text, of which it tells nothing. */
  keyedHash(purpose: string, text: string): string;
};

const version = 1;

/** Reads the key file, or makes it (0600) on first use: the key that seals, and under it earlier ones that still open. */
export function readOrMakeKeys(file: string): Buffer[] {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const text = readFileSync(file, 'utf8').trim();
  if (!isKeyText(text)) throw new AppError('misconfigured', `${file} must hold 64 hexadecimal digits; it does not.`);
  return keysIn(text);
}

/** One key or several, each of 64 hexadecimal digits, with commas or lines between them. */
export function isKeyText(text: string): boolean {
  return /^[0-9a-f]{64}(?:[\s,]+[0-9a-f]{64}){0,7}$/i.test(text);
}

export function keysIn(text: string): Buffer[] {
  return text.split(/[\s,]+/).map((one) => Buffer.from(one, 'hex'));
}

/** The first key seals; each of them opens. */
export function openSealBox(keys: readonly Buffer[]): SealBox {
  const [key = Buffer.alloc(0), ...earlier] = keys;
  return {
    seal: (name, plain) => {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(version), iv, cipher.getAuthTag(), body]);
    },
    open: (name, sealed) => {
      let failure: unknown;
      for (const one of [key, ...earlier])
        try {
          return openWith(one, name, Buffer.from(sealed));
        } catch (error) {
          failure ??= error;
        }
      throw new AppError(
        'unavailable',
        'A stored secret cannot be opened: it was sealed with another key (CRAFTING_SECRET_KEY).',
        { cause: failure },
      );
    },
    isSealedAnew: (name, sealed) => {
      try {
        openWith(key, name, Buffer.from(sealed));
        return true;
      } catch {
        return false;
      }
    },
    keyedHash: (purpose, text) => {
      // A key of its own for each purpose: what one use of it shows says nothing about another.
      const derived = Buffer.from(hkdfSync('sha256', key, '', `crafting-table ${purpose}`, 32));
      return createHmac('sha256', derived).update(text).digest('hex');
    },
  };
}

function openWith(key: Buffer, name: string, bytes: Buffer): string {
  if (bytes[0] !== version) throw new Error('unknown version');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 13))
    .setAAD(Buffer.from(name))
    .setAuthTag(bytes.subarray(13, 29));
  return Buffer.concat([decipher.update(bytes.subarray(29)), decipher.final()]).toString('utf8');
}
