import { isTrial, type JobEnqueuedData } from '../../../events/jobs/job.ts';
import { type JobLimits, type Network, recipesFile } from '../../../events/projects/project.ts';
import { type SandboxLevel, sandboxLevels } from '../../floor/sandbox-level.ts';
import { packageRegistries } from '../../projects/rules/package-registries.ts';

/** What a job gets; `notes` are said in its log. */
type ConfinementPlan = { network: Network; envFrom: readonly string[]; notes: readonly string[] };
type Refusal = { refused: string };

type Job = Pick<JobEnqueuedData, 'purpose' | 'snapshot' | 'patch' | 'branch'>;

/** Whether a runner of this level may run the job. */
export function canHold(job: Job, level: SandboxLevel): boolean {
  return !('refused' in planConfinement(job, level));
}

/** Whether a job runs a change that nobody has looked at. */
export function isMachineMade({ purpose }: Pick<Job, 'purpose'>): boolean {
  return isTrial(purpose);
}

/** Whether a job is to prove something by nothing that other jobs have left. */
export function hasEmptyCaches({ patch }: Pick<Job, 'patch'>): boolean {
  return patch?.conditions === 'strict' || patch?.conditions === 'registries';
}

/** How a job is shut in at a level. Refused when its project, or what it is to prove, demands more than the level holds. */
export function planConfinement(job: Job, level: SandboxLevel): ConfinementPlan | Refusal {
  const { purpose, snapshot } = job;
  if (hasEmptyCaches(job) && level !== 'bwrap')
    return { refused: `a proof demands the sandbox bwrap; this runner has ${level} (CRAFTING_PATCHER_PROOF=open)` };
  if (snapshot.recipes_commit !== undefined && level !== 'bwrap')
    return { refused: `recipes of the repository run in the sandbox bwrap alone; this runner has ${level}` };
  if (purpose === 'agent' && level !== 'bwrap')
    return { refused: `an agent works in the sandbox bwrap alone; this runner has ${level}` };
  const { subproject, sandbox = 'off' } = snapshot;
  const least = { required: 'bwrap', bwrap: 'bwrap', reduced: 'reduced', off: 'none' }[sandbox] as SandboxLevel;
  if (sandboxLevels.indexOf(level) > sandboxLevels.indexOf(least))
    return { refused: `the project demands the sandbox ${sandbox}; this runner has ${level}` };
  const machineMade = isMachineMade({ purpose });
  const asked = proofNetwork(job, subproject.network ?? snapshot.network);
  const wanted = asked ?? (machineMade ? { allow: [...packageRegistries] } : 'on');
  const held = wanted === 'on' || level === 'bwrap' || (wanted === 'off' && level === 'reduced');
  if (asked !== undefined && !held)
    return {
      refused: `the project demands network ${words(wanted)}; the sandbox ${level} of this runner cannot hold that`,
    };
  const secrets = subproject.env_from ?? [];
  const unseen = unseenBy(job);
  const notes = [
    ...(snapshot.recipes_commit === undefined
      ? []
      : [`the recipe is that of ${recipesFile} at ${snapshot.recipes_commit.slice(0, 12)}`]),
    ...(held ? [] : [`the network is on: the sandbox ${level} of this runner cannot keep to the package registries`]),
    ...(unseen !== null && secrets.length > 0 ? [`env_from is left out: ${unseen}`] : []),
  ];
  return { network: held ? wanted : 'on', envFrom: unseen === null ? secrets : [], notes };
}

/** Why a job may be given nothing that is secret: nobody has looked at what it runs. Null where somebody has. */
export function unseenBy({ purpose, snapshot, branch }: Pick<Job, 'purpose' | 'snapshot' | 'branch'>): string | null {
  if (isMachineMade({ purpose })) return 'this job runs a machine-made change';
  if (snapshot.recipes_commit === undefined || branch === snapshot.default_branch) return null;
  return `with recipes of the repository only jobs of the branch ${snapshot.default_branch} get any`;
}

/** The network of a proof: none, or the package registries and of those only what the project allows. */
function proofNetwork({ patch }: Job, asked: Network | undefined): Network | undefined {
  if (patch?.conditions === 'strict') return 'off';
  return patch?.conditions === 'registries' && asked === 'on' ? undefined : asked;
}

function words(network: Network): string {
  return typeof network === 'string' ? network : `{"allow": ${JSON.stringify(network.allow)}}`;
}

/** Generous: they end what has gone wild, and no honest build. The log has the operator's own limit. */
const usual = { cpu_secs: 86_400, memory_mb: 16_384, processes: 4096, file_mb: 10_240, disk_mb: 51_200 } as const;

/** Nobody has read what an agent starts. */
const ofAgents = { processes: 1024, disk_mb: 8_192, file_mb: 2_048, log_mb: 64 } as const;

/** What a job may use up; a subproject's words win over its project's. */
export function limitsOf({
  snapshot,
  purpose,
}: Pick<Job, 'snapshot' | 'purpose'>): Required<Omit<JobLimits, 'log_mb'>> & JobLimits {
  return { ...usual, ...(purpose === 'agent' ? ofAgents : {}), ...snapshot.limits, ...snapshot.subproject.limits };
}
