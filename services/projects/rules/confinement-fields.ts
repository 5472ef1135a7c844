import type { JobLimits, Network, SandboxDemand } from '../../../events/projects/project.ts';
import type { Fault } from '../../floor/app-error.ts';

/** How jobs are to be shut in, and what stands in their trees, as projects and their snapshots say it. */
type ConfinementFields = {
  sandbox?: SandboxDemand;
  network?: Network;
  limits?: JobLimits;
  submodules?: boolean;
  lfs?: boolean;
};

/** These fields of a document, without those that it leaves unsaid. */
export function confinementOf({ sandbox, network, limits, submodules, lfs }: ConfinementFields): ConfinementFields {
  return {
    ...(sandbox ? { sandbox } : {}),
    ...(network ? { network } : {}),
    ...(limits ? { limits } : {}),
    ...(submodules ? { submodules } : {}),
    ...(lfs ? { lfs } : {}),
  };
}

type Documents = { network?: Network; subprojects?: readonly { network?: Network }[] };

/** What is wrong with the allow-lists of a document. */
export function networkFaults({ network, subprojects = [] }: Documents): Fault[] {
  const inner = subprojects.flatMap((one, index) => listFaults(one.network, `/body/subprojects/${index}/network`));
  return [...listFaults(network, '/body/network'), ...inner];
}

function listFaults(network: Network | undefined, path: string): Fault[] {
  if (network === undefined || typeof network === 'string') return [];
  const wrong = network.allow.findIndex((pattern) => !isHostPattern(pattern));
  if (wrong < 0) return [];
  return [
    { path: `${path}/allow/${wrong}`, message: 'expected a host such as example.org, *.example.org or host:8443' },
  ];
}

/** `host`, `*.host` or an address, each with a port or without: 80 and 443 are meant then. */
export function isHostPattern(pattern: string): boolean {
  const [, host = '', port] = /^(\[[0-9a-fA-F:.]+\]|(?:\*\.)?[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(pattern) ?? [];
  return host !== '' && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535));
}
