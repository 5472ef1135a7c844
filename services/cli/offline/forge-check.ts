import { readConfig } from '../../config.ts';
import { hasForge } from '../../floor/forges/forge-instances.ts';
import { printable } from '../../floor/text/printable.ts';
import { localService } from './local-service.ts';

type Refused = { readonly project: string; readonly repository: string; readonly reason: string };

/** For which projects the farm's forge token is not used, as the service of the data folder says; nothing where there is no token. */
export async function forgeCheck(env: NodeJS.ProcessEnv): Promise<{ what: string; ok: boolean; detail: string }[]> {
  const config = (() => {
    try {
      return readConfig(env);
    } catch {
      return null;
    }
  })();
  if (!config || !hasForge(config.patcher.forge)) return [];
  const what = 'forge token';
  const usual = 'used for projects of admins, proven credentials and what `crafting-table grants list` shows';
  try {
    const service = await localService(config.dataDir);
    const { forge_refused } = await service.get<{ forge_refused: Refused[] }>('/status');
    const [first, ...more] = forge_refused;
    if (!first) return [{ what, ok: true, detail: usual }];
    const rest = more.length === 0 ? '' : ` (and ${more.length} more projects)`;
    return [{ what, ok: true, detail: printable(`nothing is sent for ${first.project}: ${first.reason}${rest}`) }];
  } catch {
    return [{ what, ok: true, detail: `${usual}; no service answers that could say what lacks one` }];
  }
}
