import type { JobEnqueuedData } from '../../../events/jobs/job.ts';
import type { Compiled } from '../../dependencies/compiled-outputs.ts';
import type { BringOrder, Brought, Dependencies } from '../../dependencies/open-dependencies.ts';
import type { Checkout } from '../../io/git/trees/checkout.ts';
import type { Processes } from '../../io/process/open-processes.ts';
import type { Confinement, OutputStream, RunRequest, RunResult } from '../../io/process/run-request.ts';
import type { Sandbox } from '../../io/sandbox/open-sandbox.ts';
import { namedSecrets } from '../../jobs/rules/secret-rules.ts';
import type { CellPlan, PreparedCell } from './job-cell.ts';
import { usualHome } from './job-home.ts';
import { runInstall } from './job-install.ts';

type DependencyScene = {
  readonly data: JobEnqueuedData;
  readonly plan: CellPlan;
  readonly checkout: Checkout;
  readonly cell: PreparedCell;
  readonly sandbox: Sandbox;
  readonly processes: Processes;
  readonly isReviewed: boolean;
  /** What every recipe starts from. */
  readonly environment: Readonly<Record<string, string>>;
  readonly order: () => Omit<RunRequest, 'command' | 'onOutput'>;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void | Promise<void>;
  readonly write: (pipe: OutputStream, bytes: Buffer) => void | Promise<void>;
};

/** Variables of the machine that choose where dependencies come from. */
const sources = /^(?:GOPROXY|GOFLAGS|GOSUMDB|PIP_INDEX_URL|PIP_CONFIG_FILE|NPM_CONFIG_REGISTRY|JAVA_HOME|GOROOT)$/;

const succeeded = ({ reason, exitCode }: RunResult) => reason === 'exited' && exitCode === 0;

/** Brings what the recipe of a job needs: from what is kept, or by its install. */
export async function bringJobDependencies(
  command: string,
  scene: DependencyScene,
  dependencies: Dependencies | undefined,
): Promise<Brought<RunResult>> {
  const { checkout, sandbox, signal } = scene;
  const run = () => runInstall(command, { ...scene, order: scene.order() });
  if (dependencies === undefined) {
    const result = await run();
    const plain = { key: null, waitedMs: 0, bytes: 0, laid: null, release: () => {} };
    const reason = 'nothing is kept on this runner';
    return succeeded(result)
      ? { ...plain, source: 'install', reason, result: null }
      : { ...plain, source: 'failed', reason, result };
  }
  const order: BringOrder<RunResult> = {
    ...orderOf(command, scene),
    hasOwnHome: sandbox.homeSeenAt !== null,
    usualHome,
    additions: checkout.additions,
    run,
    succeeded,
    signal,
  };
  return dependencies.bring(order);
}

/** Brings what other jobs compiled for the same packages; null where nothing is kept of what the command compiles. */
export async function bringJobCompiled(
  scene: DependencyScene,
  dependencies: Dependencies | undefined,
): Promise<Compiled | null> {
  return dependencies?.compiled(orderOf(scene.data.command, scene)) ?? null;
}

function orderOf(
  command: string,
  { data, plan, checkout, cell, sandbox, isReviewed, environment, say }: DependencyScene,
) {
  const { homeSeenAt, treeSeenAt, hasLayers } = sandbox;
  const { subproject } = data.snapshot;
  const chosen = Object.entries(environment).filter(([name]) => sources.test(name));
  return {
    facts: {
      owner: data.owner,
      project: data.project,
      subproject: data.subproject,
      command,
      tree: checkout.dir,
      sha: checkout.sha,
      seen: [treeSeenAt ?? checkout.dir, homeSeenAt],
      env: { ...Object.fromEntries(chosen), ...data.env },
      secrets: [...namedSecrets(subproject, data.recipe), ...(subproject.env_from ?? [])],
    },
    place: { tree: checkout.dir, ...cell.places, hasLayers },
    isTrusted: isReviewed,
    secrets: Object.values(plan.secrets),
    files: checkout.files,
    say,
  };
}

/** How a job is shut in that sees what was laid out for it. */
export function withLaid(
  confine: Confinement | undefined,
  several: readonly (Pick<Compiled, 'laid'> | null | undefined)[],
) {
  const laid = {
    layers: several.flatMap((one) => one?.laid?.layers ?? []),
    seen: several.flatMap((one) => one?.laid?.seen ?? []),
  };
  if (laid.layers.length === 0) return confine === undefined ? {} : { confine };
  const { seen, layers = [], ...rest } = confine ?? {};
  return {
    confine: {
      ...rest,
      layers: [...layers, ...laid.layers],
      ...(seen === undefined ? {} : { seen: [...seen, ...laid.seen] }),
    },
  };
}
