import { createUser, fromPublic } from '@nats-io/nkeys';

/** A key with which one user connects: the server knows the public half, the user alone the seed. */
export type UserKey = { readonly publicKey: string; readonly seed: string };

export function makeUserKey(): UserKey {
  const pair = createUser();
  return { publicKey: pair.getPublicKey(), seed: new TextDecoder().decode(pair.getSeed()) };
}

/** Whether a text is the public half of a user's key: the server refuses its whole configuration for one that is not. */
export function isUserKey(text: string): boolean {
  try {
    return text.startsWith('U') && fromPublic(text).getPublicKey() === text;
  } catch {
    return false;
  }
}
