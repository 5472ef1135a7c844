import type { AgentManifest, ResolvedManifest } from '../../../events/jobs/agent-manifest.ts';
import type { Agents } from '../../../events/projects/project.ts';
import { AppError } from '../../floor/app-error.ts';
import { providers } from './providers/registry.ts';

/** Manifests that every farm has; a project's of the same name takes their place. */
const usualManifests = {
  claude: { provider: 'claude', program: 'claude' },
  codex: { provider: 'codex', program: 'codex' },
  generic: { provider: 'generic' },
} as const satisfies Record<string, unknown>;

/** Whether every project has an agent of this name. */
export const isUsualAgent = (name: string): boolean => Object.hasOwn(usualManifests, name);

/** What holds where no manifest says otherwise. */
type ManifestDefaults = { readonly watchdogSecs: number };

const usualTimeLimitSecs = 3_600;
const mostExtended = 8;

/**
 * A manifest with all that it extends: what is nearer wins, prompts are joined with the farthest first, hosts and labels are added
 * up. AppError('not_found') for a name that is none, ('invalid') for a circle, too long a chain, or no program.
 */
export function resolveManifest(
  name: string,
  agents: Agents | undefined,
  { watchdogSecs }: ManifestDefaults,
): ResolvedManifest {
  const chain = chainOf(name, agents ?? {});
  const manifests = chain.map(({ manifest }) => manifest);
  const first = <K extends keyof AgentManifest>(key: K): AgentManifest[K] | undefined =>
    manifests.find((one) => one[key] !== undefined)?.[key];
  const program = first('program');
  if (program === undefined)
    throw new AppError('invalid', `The agent ${name} names no program, and nor does what it extends.`, {
      name: 'no_program',
    });
  const all = (key: 'hosts' | 'needs') => [...new Set(manifests.flatMap((one) => one[key] ?? []))].sort();
  return {
    name,
    chain: chain.map((one) => one.name),
    provider: first('provider') ?? 'generic',
    program,
    model: first('model') ?? null,
    prompt: manifests
      .flatMap((one) => one.prompt ?? [])
      .reverse()
      .join('\n\n')
      .slice(0, 65_536),
    gateway: [...(first('gateway') ?? providers[first('provider') ?? 'generic'].gateway)],
    ...given('models', first('models')),
    ...given('provider_tools', first('provider_tools')),
    hosts: all('hosts').slice(0, 256),
    needs: all('needs').slice(0, 64),
    time_limit_secs: first('time_limit_secs') ?? usualTimeLimitSecs,
    watchdog_secs: first('watchdog_secs') ?? watchdogSecs,
    cutoff: first('cutoff') ?? 'cutoff',
    budget: first('budget') ?? null,
  };
}

const given = <K extends 'models' | 'provider_tools'>(key: K, list: string[] | undefined): { [_ in K]?: string[] } =>
  list === undefined ? {} : ({ [key]: list } as { [_ in K]?: string[] });

type Link = { readonly name: string; readonly manifest: AgentManifest };

function chainOf(name: string, agents: Agents): Link[] {
  const chain: Link[] = [];
  for (let next: string | undefined = name; next !== undefined; ) {
    const known: string = next;
    const manifest = manifestNamed(known, agents, chain);
    if (manifest === undefined) {
      const names = [...new Set([...Object.keys(agents), ...Object.keys(usualManifests)])].sort().join(', ');
      throw new AppError('not_found', `There is no agent ${known}; there are ${names}.`);
    }
    if (chain.some((one) => one.name === known && one.manifest === manifest))
      throw new AppError(
        'invalid',
        `The agent ${name} extends itself: ${chain.map((one) => one.name).join(', ')}, ${known}.`,
      );
    chain.push({ name: known, manifest });
    if (chain.length > mostExtended)
      throw new AppError('invalid', `The agent ${name} extends more than ${mostExtended - 1} others.`);
    next = manifest.extends;
  }
  return chain;
}

/** A project's `claude` that extends `claude` means the farm's. */
function manifestNamed(name: string, agents: Agents, chain: readonly Link[]): AgentManifest | undefined {
  const isUsual = Object.hasOwn(usualManifests, name);
  const isOverridden = chain.at(-1)?.name === name && isUsual;
  if (Object.hasOwn(agents, name) && !isOverridden) return agents[name];
  return isUsual ? ({ ...usualManifests[name as keyof typeof usualManifests] } as AgentManifest) : undefined;
}

/** Every name that a run can be asked for, alphabetically. */
export function agentNames(agents: Agents | undefined): string[] {
  return [...new Set([...Object.keys(agents ?? {}), 'claude', 'codex'])].sort();
}
