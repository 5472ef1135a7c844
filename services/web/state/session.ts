import { effect, signal } from '@preact/signals';
import { ask, CallFailed, onCall, type Problem } from './api-call.ts';
import { listen, liveState } from './live.ts';
import { at } from './place.ts';

/** Who reads, and what the farm is. */
type Me = {
  readonly token: {
    readonly name: string;
    readonly team: string;
    readonly role: string;
    readonly is_admin: boolean;
    readonly projects: readonly string[] | null;
    readonly expires_at: string | null;
  };
  readonly can: readonly string[];
  readonly farm: {
    readonly version: string;
    readonly time_zone: string;
    readonly features: Readonly<Record<string, boolean>>;
  };
};

/** undefined until it is known; null for nobody. */
export const me = signal<Me | null | undefined>(undefined);
export const meProblem = signal<Problem | null>(null);

export async function loadMe(): Promise<void> {
  try {
    me.value = await ask<Me>('GET', '/me');
    meProblem.value = null;
    listen();
  } catch (error) {
    const problem = error instanceof CallFailed ? error.problem : null;
    if (problem?.status === 401) me.value = null;
    else meProblem.value = problem;
  }
}

/** Throws CallFailed when the token or the code is not known. */
export async function signIn(proof: { token: string } | { code: string }): Promise<void> {
  await ask('POST', '/session', proof);
  await loadMe();
}

export async function signOut(): Promise<void> {
  await ask('DELETE', '/session').catch(() => {});
  me.value = null;
}

/** Whether the reader may do what needs this scope. */
export const may = (scope: string): boolean => me.value?.can.includes(scope) ?? false;

/** Why the reader may not do now what needs this scope; null for who may. */
export function whyNot(scope: string): string | null {
  if (at.value !== null) return 'You look at the past: go back to now to change something.';
  if (may(scope) || !me.value) return null;
  const { name, role, team } = me.value.token;
  return `You may read this and not change it: your token ${name} is ${role} of ${team}, without the scope ${scope}. An owner of the team can give you one that has it.`;
}

onCall(({ path }, status) => {
  if (status === 401 && path !== '/session' && me.value) me.value = null;
});

// The stream is ended for whoever is revoked: the page asks who reads, and goes to sign in where that is nobody.
effect(() => {
  if (liveState.value === 'signed-out' && me.peek()) void loadMe();
});
