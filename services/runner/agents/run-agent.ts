import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentRunRequestedData, BottleEgress } from '../../../events/jobs/bottle.ts';
import type { JobBottle, LeftBottle } from '../../../events/jobs/job.ts';
import { shellArgument } from '../../../recipes/shell-word.ts';
import type { OpenForgeVoice } from '../../bottles/forge-voice.ts';
import { manifestDigest } from '../../bottles/manifest-digest.ts';
import { openSidecar } from '../../bottles/open-sidecar.ts';
import { wholePrompt } from '../../bottles/rules/bottle-words.ts';
import { endOfRun } from '../../bottles/rules/end-of-run.ts';
import { promptPath } from '../../bottles/rules/providers/define.ts';
import { providers } from '../../bottles/rules/providers/registry.ts';
import { writeSession } from '../../bottles/session-files.ts';
import { openDesk } from '../../bottles/sidecar-desk.ts';
import type { BottleAccess, EgressSummary, OpenBottleAccess } from '../../egress/bottle-access.ts';
import { AppError } from '../../floor/app-error.ts';
import type { EventLog } from '../../io/event-log.ts';
import { temporaryPlace } from '../../io/files/temporary-place.ts';
import type { Checkout } from '../../io/git/trees/checkout.ts';
import type { BottleStore } from '../../io/nats/stores/bottle-store.ts';
import type { Processes } from '../../io/process/open-processes.ts';
import type { OutputStream, RunRequest, RunResult } from '../../io/process/run-request.ts';
import { ownPlace } from '../../io/sandbox/bwrap-arguments.ts';
import type { OpenJob } from '../../jobs/rules/job-queue.ts';
import type { PreparedCell } from '../home/job-cell.ts';
import { watchAgent } from './agent-watch.ts';
import { type KeptState, keepBottle } from './keep-bottle.ts';
import { toldUsage } from './told-usage.ts';

/** What agents need beside what every job has. */
export type AgentDeps = {
  readonly bottles: BottleStore;
  /** The way to the providers; without, an agent has the hosts of its manifest alone. */
  readonly openAccess: OpenBottleAccess | null;
  /** How the forge is spoken to; without, no bottle speaks to any. */
  readonly openVoice: OpenForgeVoice | null;
};

type AgentScene = {
  readonly job: OpenJob;
  readonly bottle: JobBottle;
  readonly runner: string;
  readonly checkout: Checkout;
  readonly cell: PreparedCell;
  /** What its tree was thawed from; null for a new session, or one that is gone. */
  readonly thawed: KeptState | null;
  readonly order: () => Omit<RunRequest, 'command' | 'onOutput'>;
  /** Adds to a sandbox what was laid out for its job. */
  readonly withLaid: (confine: RunRequest['confine']) => Pick<RunRequest, 'confine'>;
  readonly write: (pipe: OutputStream, bytes: Buffer) => void | Promise<void>;
  readonly say: (text: string) => void | Promise<void>;
  readonly signal: AbortSignal;
  readonly deps: AgentDeps & { readonly log: EventLog; readonly processes: Processes };
};

type JobScene = Omit<AgentScene, 'bottle' | 'runner' | 'deps'>;

/** Runs the agent of a job that has one; null for any other job. */
export async function runAgentOf(
  scene: JobScene,
  {
    agents,
    runner = '-',
    ...deps
  }: { agents?: AgentDeps | null; runner?: string; log: EventLog; processes: Processes },
): Promise<{ result: RunResult; left: LeftBottle } | null> {
  const { bottle } = scene.job.data;
  if (bottle === undefined) return null;
  if (!agents) throw new AppError('unavailable', 'This runner runs no agents.', { name: 'sandbox_missing' });
  return runAgent({ ...scene, bottle, runner, deps: { ...agents, ...deps } });
}

/** Runs an agent in its bottle, from its first word to what it left. */
async function runAgent(scene: AgentScene): Promise<{ result: RunResult; left: LeftBottle }> {
  const { job, bottle, deps, signal } = scene;
  const asked = (await deps.log.last('AgentRunRequested', bottle.bottle_id))?.data;
  if (!asked) throw new AppError('invalid', `The bottle ${bottle.bottle_id} was never asked for.`);
  const places = await temporaryPlace('sandbox');
  const watch = watchAgent({ job: signal, silentMs: bottle.manifest.watchdog_secs * 1000 });
  let access: BottleAccess | null = null;
  try {
    access = await accessOf(asked, scene);
    access?.onCut(watch.cutOff);
    const voice =
      (await deps.openVoice?.({ bottle_id: bottle.bottle_id, project: asked.project, work: asked.work })) ?? null;
    const desk = openDesk({
      bottle: { bottle_id: bottle.bottle_id, project: asked.project, job_id: job.data.job_id, work: asked.work },
      log: deps.log,
      voice,
      cause: causeOf(job),
      onCall: (words) => {
        watch.alive();
        access?.acted(words);
        void Promise.resolve(scene.say(`agent: ${words}`)).catch(() => {});
      },
      onDone: watch.done,
    });
    const sidecar = await openSidecar(join(places, 'sidecar.sock'), desk);
    try {
      await announce(scene);
      const { result, turns } = await runIn({ asked, access, socket: join(places, 'sidecar.sock'), watch }, scene);
      const end = endOfRun({
        isDone: desk.isDone(),
        cut: watch.cut(),
        isStopped: signal.aborted && signal.reason !== 'shutdown',
        isShutDown: signal.reason === 'shutdown',
        silentSecs: watch.isSilent() ? bottle.manifest.watchdog_secs : null,
        detail: detailOf(result, bottle),
        exitCode: result.exitCode,
      });
      const went = await access?.close();
      access = null;
      const kept = await keepBottle({ ...end, turns, provider: providers[bottle.manifest.provider] }, scene);
      const left = went ? { ...kept, egress: egressOfRun(went) } : kept;
      return { result: endedByUs(result, watch.signal, signal), left };
    } finally {
      await sidecar.close();
    }
  } finally {
    watch.stop();
    await access?.close();
    await rm(places, { recursive: true, force: true });
  }
}

function egressOfRun({ hosts, requests, refused }: EgressSummary): BottleEgress {
  const most = hosts.slice(0, 50).map(({ host, requests: count }) => ({ host: host.slice(0, 300), requests: count }));
  return { hosts: most, requests, refused };
}

const causeOf =
  ({ eventId, correlationId }: OpenJob) =>
  (ordinal: string) => ({ eventId, correlationId, consumer: 'agent', ordinal });

async function accessOf(asked: AgentRunRequestedData, { bottle, deps }: AgentScene): Promise<BottleAccess | null> {
  const { manifest } = bottle;
  if (deps.openAccess === null) return null;
  return deps.openAccess({
    bottle: bottle.bottle_id,
    attempt: asked.work.patch_id ?? null,
    project: asked.project,
    owner: asked.owner,
    agent: manifest.name,
    providers: manifest.gateway,
    models: manifest.models ?? null,
    providerTools: manifest.provider_tools ?? [],
    hosts: manifest.hosts,
    budget: asked.budget ?? manifest.budget,
    policy: manifest.cutoff,
    thawed: bottle.session,
  });
}

async function announce({ job, bottle, runner, deps }: AgentScene): Promise<void> {
  const { bottle_id, manifest, session } = bottle;
  const { project, job_id } = job.data;
  const data = { bottle_id, project, job_id, runner, manifest, manifest_digest: manifestDigest(manifest), session };
  await deps.log.append({ type: 'AgentRunStarted', id: bottle_id, data }, { cause: causeOf(job)('agent started') });
}

type Running = {
  readonly asked: AgentRunRequestedData;
  readonly access: BottleAccess | null;
  readonly socket: string;
  readonly watch: ReturnType<typeof watchAgent>;
};

async function runIn({ asked, access, socket, watch }: Running, scene: AgentScene) {
  const { bottle, cell, thawed, deps, order, withLaid, write } = scene;
  const { manifest } = bottle;
  const provider = providers[manifest.provider];
  const resumes = (thawed?.files.length ?? 0) > 0;
  const overlay = manifest.prompt;
  const given = access?.env ?? {};
  const note = thawed?.note ? `${thawed.note}\n\n` : '';
  const { env, ...common } = order();
  const path = `${env['PATH'] ?? ''}:${ownPlace}`;
  // Some agents run each command in a login shell, where the profile of the system sets a PATH of its own.
  const profile = `PATH=${shellArgument(path)}; export PATH\n`;
  const files = {
    '.profile': profile,
    '.zprofile': profile,
    [promptPath]: wholePrompt({ prompt: `${note}${asked.prompt}`, overlay, work: asked.work, resumes }),
    '.crafting-table/session/.keep': '',
    ...provider.home({
      env: given,
      sidecarTool: `${ownPlace}/bottle`,
      providerTools: manifest.provider_tools ?? [],
    }),
  };
  await writeSession(cell.places.home, thawed?.files ?? []);
  const made = Object.entries(files).map(([path, text]) => ({ path, mode: 0o644, bytes: Buffer.from(text) }));
  await writeSession(cell.places.home, made);
  const network = access ? { socket: access.socket } : manifest.hosts.length > 0 ? { allow: manifest.hosts } : 'off';
  // A bottle sees the whole repository, and begins at its root unless it was asked for one subproject.
  const cwd = asked.subproject === null ? scene.checkout.dir : order().cwd;
  const inner = await cell.again({ network, cwd, sockets: { 'sidecar.sock': socket } });
  const usage = toldUsage(provider);
  try {
    const home = env['HOME'] ?? '';
    const result = await deps.processes.run({
      ...common,
      cwd,
      ...withLaid(inner.confine),
      env: {
        ...env,
        ...inner.env,
        ...provider.env,
        ...given,
        PATH: path,
        CRAFTING_BOTTLE: bottle.bottle_id,
        CRAFTING_SIDECAR: `${ownPlace}/sidecar.sock`,
        CRAFTING_PROMPT_FILE: `${home}/${promptPath}`,
        CRAFTING_SESSION_DIR: `${home}/.crafting-table/session`,
        ...(manifest.model === null ? {} : { CRAFTING_MODEL: manifest.model }),
      },
      signal: watch.signal,
      command: provider.command({ program: manifest.program, model: manifest.model, resumes }),
      onOutput: (pipe, chunk) => {
        if (pipe === 'stdout') usage.write(chunk);
        return write(pipe, chunk);
      },
    });
    return { result, turns: usage.turns() };
  } finally {
    await inner.release();
  }
}

/** Why a program ended that did not end by itself. */
function detailOf({ reason, limit }: RunResult, { manifest }: JobBottle): string | null {
  if (reason === 'timeout') return `It ran for its time limit of ${manifest.time_limit_secs} s.`;
  if (reason === 'log_limit') return 'It printed more than a job may.';
  return reason === 'limit' ? `It used up more ${limit ?? 'memory'} than a job may.` : null;
}

/** A program that we ended for a reason of the bottle's was not cancelled by anybody. */
function endedByUs(result: RunResult, ours: AbortSignal, job: AbortSignal): RunResult {
  return result.reason === 'cancelled' && ours.aborted && !job.aborted ? { ...result, reason: 'exited' } : result;
}
