import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ask, CallFailed, type Problem } from './api-call.ts';
import { onEvents } from './live.ts';
import { at } from './place.ts';

export type Answer<T> = {
  readonly data: T | null;
  readonly problem: Problem | null;
  readonly loading: boolean;
  readonly reload: () => void;
};

/** What was answered last, so that a page that one comes back to is there at once. */
const kept = new Map<string, unknown>();
const mostKept = 60;

function keep(path: string, data: unknown): void {
  kept.delete(path);
  kept.set(path, data);
  const [oldest] = kept.keys();
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
}

/** Forgets everything: another person reads now. */
export const forgetAnswers = (): void => kept.clear();

/** What can be asked as it was at a moment. */
const timed =
  /^\/(?:findings|jobs|patches|projects|work)(?:\/[^/?]+)?(?:\?|$)|^\/(?:inbox|summary)(?:\?|$)|^\/projects\/[^/?]+\/(?:matrix|marks)(?:\?|$)/;

/** The path with the moment that is looked at, where the API knows how. */
function timedPath(path: string, moment: string | null): string {
  if (moment === null || !timed.test(path) || /[?&]at=/.test(path)) return path;
  return `${path}${path.includes('?') ? '&' : '?'}at=${encodeURIComponent(moment)}`;
}

/** Between two questions of one list, however much happens. */
const calmMs = 1_000;

/** Asks the API, and again when events of these entities happen. A path of null asks nothing. */
export function useAnswer<T>(wanted: string | null, entities: readonly string[] = []): Answer<T> {
  const path = wanted === null ? null : timedPath(wanted, at.value);
  const [state, setState] = useState<{
    path: string | null;
    data: T | null;
    problem: Problem | null;
    loading: boolean;
  }>({ path: null, data: null, problem: null, loading: true });
  const running = useRef<AbortController | null>(null);
  const load = useCallback(async () => {
    if (path === null) return;
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    try {
      const data = await ask<T>('GET', path, undefined, mine.signal);
      keep(path, data);
      setState({ path, data, problem: null, loading: false });
    } catch (error) {
      if (mine.signal.aborted) return;
      const problem = error instanceof CallFailed ? error.problem : null;
      setState((old) => ({ path, data: old.path === path ? old.data : null, problem, loading: false }));
    }
  }, [path]);

  useEffect(() => {
    void load();
    return () => running.current?.abort();
  }, [load]);

  const names = entities.join();
  useEffect(() => {
    if (names === '' || at.value !== null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const heard = new Set(names.split(','));
    const stop = onEvents((events) => {
      if (timer !== undefined || !events.some(({ entity }) => heard.has(entity))) return;
      timer = setTimeout(() => {
        timer = undefined;
        if (!document.hidden) void load();
      }, calmMs);
    });
    const back = () => !document.hidden && void load();
    document.addEventListener('visibilitychange', back);
    return () => {
      stop();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', back);
    };
  }, [load, names]);

  const fresh = state.path === path;
  return {
    data: fresh ? state.data : path === null ? null : ((kept.get(path) as T | undefined) ?? null),
    problem: fresh ? state.problem : null,
    loading: path !== null && (!fresh || state.loading),
    reload: () => void load(),
  };
}

/** A list that comes in pages: those so far, and the next on demand. */
export function usePages<T>(
  wanted: string | null,
  field: string,
  entities: readonly string[] = [],
): Answer<readonly T[]> & {
  readonly more: (() => void) | null;
  readonly head: Readonly<Record<string, unknown>> | null;
} {
  const first = useAnswer<Record<string, unknown> & { next_cursor?: string | null }>(wanted, entities);
  const [rest, setRest] = useState<{ of: unknown; rows: readonly T[]; cursor: string | null }>({
    of: null,
    rows: [],
    cursor: null,
  });
  const moment = at.value;
  const own = rest.of === wanted ? rest : { rows: [] as readonly T[], cursor: first.data?.next_cursor ?? null };
  const more = async () => {
    if (wanted === null || own.cursor === null) return;
    const next = timedPath(
      `${wanted}${wanted.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(own.cursor)}`,
      moment,
    );
    const page = await ask<Record<string, unknown> & { next_cursor?: string | null }>('GET', next);
    setRest({
      of: wanted,
      rows: [...own.rows, ...((page[field] as T[] | undefined) ?? [])],
      cursor: page.next_cursor ?? null,
    });
  };
  return {
    ...first,
    head: first.data,
    data: first.data ? [...((first.data[field] as T[] | undefined) ?? []), ...own.rows] : null,
    more: own.cursor === null ? null : () => void more(),
  };
}
