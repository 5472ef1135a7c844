import { machineTools } from '../detection/tools.ts';
import { toolchainVerdicts } from './verdict.ts';

/** What detection asks of a machine: its tools, and the versions of its toolchains. `env`: of the recipes. */
export function machineHas(env: Readonly<Record<string, string | undefined>>) {
  return { has: machineTools(env), verdict: toolchainVerdicts(env) };
}
