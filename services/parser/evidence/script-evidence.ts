import type { JobEnqueuedData, RecipeExitedData } from '../../../events/jobs/job.ts';
import { toolNamed, tools } from '../../../parsers/tools/registry.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { LogStream } from '../../io/log-stream.ts';
import type { ParsedJob } from '../parse-job.ts';
import { otherVariables } from '../rules/doubt/environment-change.ts';
import { logSigns } from '../rules/log-signs.ts';
import { mayLead, type Script, targetLines } from '../rules/scripts/script-files.ts';
import { mentions } from '../rules/scripts/script-lines.ts';
import { type ScriptVerdict, scriptVerdict, soleStart } from '../rules/scripts/script-proof.ts';
import type { EvidenceDeps, Scene } from './evidence-scene.ts';
import { readScripts } from './read-scripts.ts';

const mostTools = 16;
const isMakefile = /(?:^|\/)(?:GNUm|[Mm])akefile$|\.mk$/;

type ScriptEvidence = {
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
  return [tool, ...(toolNamed(tool)?.toldBy ?? [])].flatMap((one) => toolNamed(one)?.programs ?? [one]);
}

/**
 * What the scripts of a command start of the tools that are known. `leads`: the programs; `started`: of a run that failed by
 * itself, each command whose exit code is that of the run. Nothing where the command leads to no scripts.
 */
export async function startedBehind(
  { job, exit: { reason, exit_code: code, truncated, log_bytes: bytes } }: Pick<EndedJob, 'job' | 'exit'>,
  scene: Pick<Scene, 'remote' | 'place' | 'sha'>,
  deps: EvidenceDeps,
): Promise<{ started?: string[]; leads?: string[] }> {
  if (reason !== 'exited' || scene.sha === null || bytes === 0 || !mayLead(job.command)) return {};
  const scripts = await readScripts(job.command, scene.sha, scene, deps);
  const behind = scripts
    .filter(({ path }) => path !== '')
    .map((one) => {
      const by = scripts.find(({ path }) => path === one.by)?.text ?? job.command;
      return isMakefile.test(one.path) ? { ...one, text: targetLines(one.text, by) } : one;
    });
  const named = tools.filter(({ programs }) => behind.some((one) => mentions(one, programs)));
  const leads = named.flatMap(({ programs }) =>
    programs.filter((program) => behind.some((one) => mentions(one, [program]))),
  );
  const failed = !truncated && code !== null && code > 0 && code < 126;
  return { leads, started: failed ? named.flatMap(({ programs }) => soleStart(scripts, programs) ?? []) : [] };
}

/** The newest run that saw one of them. */
function lastJob(docs: readonly FindingDoc[], { query }: EvidenceDeps): JobDoc | undefined {
  const [newest] = [...docs].sort((a, b) => b.last_seen_run - a.last_seen_run);
  const found = newest && query().jobs.find(newest.last_seen_job);
  return found ? (JSON.parse(found.doc) as JobDoc) : undefined;
}
