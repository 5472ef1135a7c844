import type { JobEnqueuedData, RecipeExitedData } from '../../../events/jobs/job.ts';
import { toolNamed } from '../../../parsers/tools/registry.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { LogStream } from '../../io/log-stream.ts';
import type { ParsedJob } from '../parse-job.ts';
import { teller } from '../rules/doubt/complete-tools.ts';
import { otherVariables } from '../rules/doubt/environment-change.ts';
import { logSigns } from '../rules/log-signs.ts';
import type { Script } from '../rules/scripts/script-files.ts';
import { type ScriptVerdict, scriptVerdict, soleStart } from '../rules/scripts/script-proof.ts';
import type { EvidenceDeps, Scene } from './evidence-scene.ts';
import { readScripts } from './read-scripts.ts';

const mostTools = 16;

export type ScriptEvidence = {
  /** What the exit code 0 says of each tool that is behind a script. */
  readonly verdicts: ReadonlyMap<string, ScriptVerdict>;
  /** The files that the command leads to. */
  readonly paths: ReadonlySet<string>;
};

export const noScripts: ScriptEvidence = { verdicts: new Map(), paths: new Set() };

/** The tools of which that is said. */
export function toolsBy({ verdicts }: ScriptEvidence, says: ScriptVerdict['says']): Set<string> {
  return new Set([...verdicts].flatMap(([tool, one]) => (one.says === says ? [tool] : [])));
}

/** Why scripts prove nothing of a tool; null where they were not asked. */
export function whyNone({ verdicts }: ScriptEvidence, tool: string): string | null {
  const verdict = verdicts.get(tool);
  return verdict?.says === 'none' ? verdict.why : null;
}

export type EndedJob = { readonly job: JobEnqueuedData; readonly exit: RecipeExitedData; readonly parsed: ParsedJob };

/**
 * Follows the command of a run that ended with 0 through the scripts of its commit to the tools of open findings that did
 * not say themselves that they came to their end.
 */
export async function gatherScripts(
  asked: readonly FindingDoc[],
  { job, exit, parsed }: EndedJob,
  scene: Scene,
  deps: EvidenceDeps & { readonly logs: LogStream },
): Promise<ScriptEvidence> {
  const { sha } = scene;
  if (sha === null || asked.length === 0) return noScripts;
  const crashed = new Set(parsed.findings.flatMap(({ kind, tool }) => (kind === 'recipe_fail' ? [tool] : [])));
  const tools = [...new Set(asked.map(({ tool }) => tool))].filter((tool) => !crashed.has(tool)).slice(0, mostTools);
  const now = await readScripts(job.command, sha, scene, deps);
  const signs = logSigns();
  if (exit.log_bytes > 0)
    await deps.logs.read(
      job.job_id,
      { firstSeq: exit.log_first_seq, lastSeq: exit.log_last_seq },
      ({ pipe, bytes }) => void signs.hear(pipe, bytes),
    );
  const verdicts = new Map<string, ScriptVerdict>();
  const known = new Map<string, readonly Script[]>();
  for (const tool of tools) {
    const last = lastJob(
      asked.filter((one) => one.tool === tool),
      deps,
    );
    const isSame =
      last?.command === job.command && last.sha !== null && otherVariables(last, scene.variables).length === 0;
    const key = JSON.stringify([last?.command, last?.sha]);
    const then =
      last?.sha == null ? null : (known.get(key) ?? (await readScripts(last.command, last.sha, scene, deps)));
    if (then !== null) known.set(key, then);
    const programs = programsFor(tool);
    const verdict = scriptVerdict({
      programs,
      now,
      before: then,
      failed: isSame && (last.exit_code ?? 0) !== 0,
      seen: parsed.tools.some((one) => one.tool === tool),
      ...signs.of(programs),
    });
    verdicts.set(tool, verdict);
  }
  return { verdicts, paths: new Set(now.flatMap(({ path }) => (path === '' ? [] : [path]))) };
}

/** Words that start a tool, or another one that tells what it finds. */
export function programsFor(tool: string): string[] {
  return [tool, ...teller(tool)].flatMap((one) => toolNamed(one)?.programs ?? [one]);
}

/**
 * What scripts start of the tools that found something in a run which failed and did not prove their end: each command
 * whose exit code is that of the run.
 */
export async function startedAlone(
  { job, exit, parsed }: EndedJob,
  scene: Pick<Scene, 'remote' | 'place' | 'sha'>,
  deps: EvidenceDeps,
): Promise<string[]> {
  const { reason, exit_code: code, truncated } = exit;
  const asked = parsed.tools.flatMap(({ tool, complete, findings }) => (!complete && findings > 0 ? [tool] : []));
  const tools = [...new Set(asked)].filter((tool) => toolNamed(tool) !== undefined).slice(0, mostTools);
  const ended = reason === 'exited' && !truncated && code !== null && code > 0 && code < 126;
  if (!ended || scene.sha === null || tools.length === 0) return [];
  const scripts = await readScripts(job.command, scene.sha, scene, deps);
  return tools.flatMap((tool) => soleStart(scripts, toolNamed(tool)?.programs ?? []) ?? []);
}

/** The newest run that saw one of them. */
function lastJob(docs: readonly FindingDoc[], { query }: EvidenceDeps): JobDoc | undefined {
  const [newest] = [...docs].sort((a, b) => b.last_seen_run - a.last_seen_run);
  const found = newest && query().jobs.find(newest.last_seen_job);
  return found ? (JSON.parse(found.doc) as JobDoc) : undefined;
}
