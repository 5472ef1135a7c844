import type { Config } from '../../config.ts';
import { childEnvironment } from '../../floor/child-environment.ts';
import type { Cell } from '../../io/agent/program-cell.ts';
import { openProcesses } from '../../io/process/open-processes.ts';
import { openSandbox } from '../../io/sandbox/open-sandbox.ts';

/** Where the agent's command is shut in: opened when it is first asked something. */
type AgentCell = { open(): Promise<Cell>; close(): Promise<void> };

/** The runner's own sandbox where there is one that is good enough, else one that is opened for the agent alone. */
export function agentCell(config: Config, runners: () => Cell | null): AgentCell {
  let opening: Promise<Cell> | undefined;
  const openOwn = async (): Promise<Cell> => {
    const { cacheDir, dataDir, workspaceDir, sandboxShow: show } = config;
    const processes = await openProcesses();
    const env = childEnvironment(process.env);
    const folders = { cacheDir, own: [dataDir, workspaceDir], show };
    return { processes, sandbox: await openSandbox({ want: 'auto', processes, env, ...folders }) };
  };
  return {
    async open() {
      const shared = runners();
      if (shared?.sandbox.level === 'bwrap') return shared;
      opening ??= openOwn();
      return opening;
    },
    async close() {
      const own = await opening?.catch(() => undefined);
      await own?.sandbox.close();
      await own?.processes.close();
    },
  };
}
