import type { WorkDoc, WorkRun } from '../../projections/work/work-document.ts';
import { secretScanner } from '../patcher/rules/policy/secret-in-patch.ts';
import type { Queries } from '../projector/read-models.ts';
import { type EgressFacts, type RunFacts, runProvenance } from './rules/provenance-table.ts';

type Farm = RunFacts['farm'];

/** The provenance of a work's newest run, as far as it has come. */
export function provenanceOfWork(work: WorkDoc, query: Queries, farm: Farm): string {
  const { run, patch_id } = work;
  const attempt = patch_id === null ? undefined : query.patches.find(patch_id)?.doc;
  return runProvenance({
    farm,
    project: work.project,
    work: work.id,
    round: work.round,
    turn: work.turn,
    by: work.by,
    trigger: work.trigger,
    agent: work.agent,
    manifest: run?.manifest_digest ?? null,
    bottle: run?.bottle_id ?? null,
    session: work.session,
    startedAt: run?.started_at ?? null,
    durationMs: run?.duration_ms ?? null,
    turns: run?.turns ?? null,
    exitCode: run?.exit_code ?? null,
    ended: run?.ended ?? null,
    done: run?.status ?? null,
    attempt: patch_id,
    verifyJobs: attempt?.verify_jobs.slice(0, 20) ?? [],
    secrets: secretsOf(work),
    egress: egressOf(run, query),
  });
}

/** Hosts and requests as its gateway counted them, which is known at its end; tokens and money as the ledger has them now. */
function egressOf(run: WorkRun | null, { spending }: Queries): EgressFacts | null {
  if (run === null) return null;
  const [spent] = spending.usage({ bottle: run.bottle_id }, null);
  const calls = spent?.calls ?? 0;
  if (run.egress === null && calls === 0) return null;
  const providers = () => spending.usage({ bottle: run.bottle_id }, 'provider').flatMap(({ group }) => group ?? []);
  return {
    hosts: run.egress?.hosts.map(({ host }) => host) ?? providers(),
    requests: run.egress?.requests ?? calls,
    refused: run.egress?.refused ?? 0,
    tokens: spent?.tokens ?? 0,
    money: spent && spent.unpriced_tokens > 0 ? null : (spent?.nano_usd ?? 0) / 1e9,
  };
}

/** A draft in which a secret was found is refused, so what is shown has none. */
function secretsOf({ run, failure }: WorkDoc): RunFacts['secrets'] {
  if (!run?.has_diff) return null;
  return { scanner: secretScanner, found: failure?.reason === 'secret_in_patch' };
}

/** The same for a bottle; of one that works on no issue, its id alone is known here. */
export function provenanceOf(bottle: string, query: Queries, farm: Farm): string {
  const id = query.works.ofBottle(bottle);
  const work = id === undefined ? undefined : query.works.find(id)?.doc;
  return work ? provenanceOfWork(work, query, farm) : `Bottle \`${bottle}\` of crafting-table ${farm.version}.`;
}
