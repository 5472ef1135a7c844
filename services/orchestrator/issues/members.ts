import type { Clock } from '../../floor/clock.ts';
import type { Talk } from '../../io/forge/talk/talk.ts';

/** Who belongs to an organisation, as its forge says it now. */
export type Members = {
  /** Of these logins, the members in lower case. */
  among(organisation: string, logins: readonly string[], talk: Talk): Promise<ReadonlySet<string>>;
};

/** One answer serves the events of one moment; somebody who leaves is gone within it. */
const keptMs = 30_000;
const mostKept = 2_000;

export function openMembers(clock: Pick<Clock, 'now'>): Members {
  const known = new Map<string, { readonly is: boolean; readonly at: number }>();
  return {
    among: async (organisation, logins, talk) => {
      const found = new Set<string>();
      for (const login of new Set(logins.map((one) => one.toLowerCase()))) {
        const key = `${talk.kind} ${talk.repository} ${organisation} ${login}`;
        const kept = known.get(key);
        const isFresh = kept !== undefined && kept.at + keptMs > clock.now();
        const is = isFresh ? kept.is : await talk.isMember(organisation, login);
        if (known.size > mostKept) known.clear();
        if (!isFresh) known.set(key, { is, at: clock.now() });
        if (is) found.add(login);
      }
      return found;
    },
  };
}
