import { subjectToken } from '../../../events/subjects.ts';
import type { Trouble } from '../../floor/notice-outcome.ts';
import type { Bucket } from '../nats/stores/bucket.ts';

/** Where it is noted which target does not hear, since when, and when it is tried again; losing that costs a longer try. */
type TroubleHints = {
  get(targetKey: string): Promise<Trouble | null>;
  set(targetKey: string, trouble: Trouble | null): Promise<void>;
};

const keyOf = (targetKey: string) => `notice.${subjectToken(targetKey)}`;

export function openTroubleHints(hints: Bucket): TroubleHints {
  return {
    get: async (targetKey) => {
      const entry = await hints.get(keyOf(targetKey));
      return entry ? (JSON.parse(Buffer.from(entry.value).toString()) as Trouble) : null;
    },
    set: async (targetKey, trouble) => {
      if (trouble === null) await hints.erase(keyOf(targetKey));
      else await hints.put(keyOf(targetKey), JSON.stringify(trouble));
    },
  };
}
