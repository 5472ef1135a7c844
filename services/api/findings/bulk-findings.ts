import type { EventData } from '../../../events/registry.ts';
import type { FindingSearch } from '../../../projections/findings/finding-search.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import { AppError } from '../../floor/app-error.ts';
import { decisionOn } from '../../projector/decision.ts';
import type { Caller } from '../authenticate.ts';
import type { RouteDeps } from '../define.ts';
import { ownFinding } from './finding-routes.ts';

/** Findings that one request may change: each is an event of its own, on disk before the answer. */
export const mostAtOnce = 2_000;
/** Appends under way at the same time: they share one sync of the log's files. */
const together = 64;

export type Triage =
  | { readonly action: 'suppress'; readonly reason: string; readonly until: string | null }
  | { readonly action: 'unsuppress' }
  | { readonly action: 'assign'; readonly assignee: string | null };

/** Whether it would change a finding at all. */
export function changes(doc: FindingDoc, triage: Triage): boolean {
  if (triage.action === 'suppress')
    return doc.suppression === null && doc.state !== 'resolved' && doc.state !== 'unwatched';
  if (triage.action === 'unsuppress') return doc.suppression !== null;
  return (doc.assignment?.to ?? null) !== triage.assignee;
}

/** What a search finds, oldest first. Throws AppError('too_large') beyond what one request may change. */
export function foundBy(search: FindingSearch, { models }: Pick<RouteDeps, 'models'>): FindingDoc[] {
  const { findings, findingSearch } = models.query();
  const ids = findingSearch.ids(search, mostAtOnce + 1);
  if (ids.length > mostAtOnce)
    throw new AppError('too_large', `More than ${mostAtOnce} findings match: narrow the filter, and do it in parts.`, {
      name: 'too_many',
    });
  return ids.flatMap((id) => findings.find(id) ?? []);
}

/**
 * Changes findings, each by an event. What somebody else changed in the same moment is left as he left it. `seq` is the last
 * sequence that was appended, 0 for none.
 */
export async function triageAll(
  docs: readonly FindingDoc[],
  triageOf: (doc: FindingDoc) => Triage | null | Promise<Triage | null>,
  { caller, batch, deps }: { caller: Caller; batch: string | null; deps: RouteDeps },
): Promise<{ changed: number[]; seq: number }> {
  const changed: number[] = [];
  let seq = 0;
  const one = async (found: FindingDoc) => {
    const triage = await triageOf(found);
    if (triage === null) return;
    const appended = await appendTriage(found, triage, { caller, batch, deps });
    if (appended === null) return;
    changed.push(found.id);
    seq = Math.max(seq, appended);
  };
  for (let from = 0; from < docs.length; from += together)
    await Promise.all(docs.slice(from, from + together).map(one));
  return { changed: changed.sort((a, b) => a - b), seq };
}

type Doing = { readonly caller: Caller; readonly batch: string | null; readonly deps: RouteDeps };

async function appendTriage(found: FindingDoc, triage: Triage, { caller, batch, deps }: Doing): Promise<number | null> {
  const { identity } = found;
  const common = { identity, by: caller.name, ...(batch === null ? {} : { batch }) };
  const decide = async <N extends 'FindingSuppressed' | 'FindingUnsuppressed' | 'FindingAssigned'>(
    type: N,
    dataOf: (doc: FindingDoc) => EventData<N>,
  ) => {
    const decision = await decisionOn(type, identity, deps);
    const doc = ownFinding(String(found.id), caller, { models: decision });
    if (!changes(doc, triage)) return null;
    return (await decision.tryAppend(dataOf(doc)))?.seq ?? null;
  };
  if (triage.action === 'suppress') {
    const { reason, until } = triage;
    return decide('FindingSuppressed', ({ project }) => ({ ...common, project, reason, until }));
  }
  if (triage.action === 'unsuppress')
    return decide('FindingUnsuppressed', ({ project }) => ({ ...common, project, reason: '' }));
  const { assignee } = triage;
  return decide('FindingAssigned', ({ project, assignment }) => ({
    ...common,
    project,
    assignee,
    before: assignment?.to ?? null,
  }));
}

/** What takes the last request over many back from a finding; null where it was changed since. */
export async function undoOf({ identity, batch }: FindingDoc, { log }: Pick<RouteDeps, 'log'>): Promise<Triage | null> {
  if (batch?.action === 'suppress') return { action: 'unsuppress' };
  if (batch?.action === 'assign') {
    const last = await log.last('FindingAssigned', identity);
    return last && { action: 'assign', assignee: last.data.before };
  }
  const last = batch ? await log.last('FindingSuppressed', identity) : null;
  return last && { action: 'suppress', reason: last.data.reason, until: last.data.until };
}
