import type { Agents } from '../../../events/projects/project.ts';
import { resolveManifest } from '../../bottles/rules/resolve-manifest.ts';
import { type Fault, isAppError } from '../../floor/app-error.ts';
import { isHostPattern } from './confinement-fields.ts';

type Input = { readonly agents?: Agents; readonly patch?: { readonly agent?: string } };

/** What is wrong with the manifests of a document: each has to resolve, and that for findings has to be there. */
export function agentFaults({ agents = {}, patch }: Input): Fault[] {
  const resolved = (name: string, path: string, isBase = false): Fault[] => {
    try {
      resolveManifest(name, agents, { watchdogSecs: 1 });
      return [];
    } catch (error) {
      if (!isAppError(error)) throw error;
      return isBase && error.reason === 'no_program' ? [] : [{ path, message: error.message }];
    }
  };
  return [
    ...Object.entries(agents).flatMap(([name, { hosts = [] }]) => {
      const at = hosts.findIndex((host) => !isHostPattern(host));
      if (at < 0) return [];
      return [
        {
          path: `/body/agents/${name}/hosts/${at}`,
          message: 'must be a host such as docs.example.org or *.example.org:8443',
        },
      ];
    }),
    ...Object.keys(agents).flatMap((name) => resolved(name, `/body/agents/${name}`, isExtended(name, agents))),
    ...(patch?.agent === undefined ? [] : resolved(patch.agent, '/body/patch/agent')),
  ];
}

/** One that others extend may name no program of its own. */
function isExtended(name: string, agents: Agents): boolean {
  return Object.values(agents).some((one) => one.extends === name);
}
