import { ulid } from 'ulid';
import { AppError } from '../../floor/app-error.ts';
import type { Bucket } from '../nats/stores/bucket.ts';
import type { SealBox } from './seal-box.ts';

/** Keeps secrets and personal data out of events: they hold a reference, the sealed value lies here and can be erased. */
export type Vault = {
  /** Keeps a value; answers its reference. */
  put(plain: string): Promise<string>;
  /** Throws AppError('not_found') when it was erased, ('unavailable') when the key is another one. */
  get(ref: string): Promise<string>;
  erase(ref: string): Promise<void>;
};

type VaultDeps = { readonly bucket: Bucket; readonly box: SealBox; readonly flush: () => Promise<void> };

/** What is longer is read again: a thousand of these are held in memory, in characters. */
const longestRemembered = 16_384;

export function openVault({ bucket, box, flush }: VaultDeps): Vault {
  const known = new Map<string, string>();
  const remember = (ref: string, plain: string) => {
    if (plain.length > longestRemembered) return plain;
    if (known.size >= 1000) known.delete(known.keys().next().value ?? '');
    known.set(ref, plain);
    return plain;
  };
  return {
    put: async (plain) => {
      const ref = ulid().toLowerCase();
      await bucket.create(ref, box.seal(ref, plain));
      await flush();
      remember(ref, plain);
      return ref;
    },
    get: async (ref) => {
      const cached = known.get(ref);
      if (cached !== undefined) return cached;
      const entry = await bucket.get(ref);
      if (!entry) throw new AppError('not_found', 'A stored secret was erased.');
      return remember(ref, box.open(ref, entry.value));
    },
    erase: async (ref) => {
      known.delete(ref);
      await bucket.erase(ref);
      await flush();
    },
  };
}
