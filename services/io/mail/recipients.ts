import { isAppError } from '../../floor/app-error.ts';
import type { SealBox } from '../sealing/seal-box.ts';
import type { Vault } from '../sealing/vault.ts';

/** Somebody who gets mail. `recipient` stands for the address wherever the address must not be. */
export type Recipient = { readonly recipient: string; readonly address: string };

type Addressed = { readonly notify: { readonly email_ref: string | null } };

/** The addresses of a project, each once. None when they were erased meanwhile. */
export async function recipientsOf(
  { notify: { email_ref } }: Addressed,
  { vault, box }: { vault: Vault; box: SealBox },
): Promise<Recipient[]> {
  if (email_ref === null) return [];
  const found = await vault.get(email_ref).catch((error) => {
    if (isAppError(error, 'not_found')) return '[]';
    throw error;
  });
  const byHash = new Map<string, Recipient>();
  for (const address of JSON.parse(found) as string[]) {
    // Nobody gives two mailboxes the same name in capitals and in small letters.
    const recipient = box.keyedHash('digest recipient', address.toLowerCase()).slice(0, 24);
    if (!byHash.has(recipient)) byHash.set(recipient, { recipient, address });
  }
  return [...byHash.values()];
}
