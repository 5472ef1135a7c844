import type { ClaimsDeps } from './claim-deps.ts';
import type { Claims } from './serve-claims.ts';

/** The inbox of a process, opened once it is asked for: who runs its jobs itself and knows no other runner needs none. */
export function openClaims(deps: ClaimsDeps, isAsked: () => boolean): Claims & { look(): Promise<void> } {
  let serving: Promise<Claims> | undefined;
  return {
    look: async () => {
      if (serving || !isAsked()) return;
      serving = import('./serve-claims.ts').then(({ serveClaims }) => serveClaims(deps));
      await serving.catch((error) => {
        serving = undefined;
        throw error;
      });
    },
    stop: async () => {
      await (await serving?.catch(() => undefined))?.stop();
    },
  };
}
