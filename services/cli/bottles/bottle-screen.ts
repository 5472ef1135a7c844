import { isAppError, messageOf } from '../../floor/app-error.ts';
import type { Cli } from '../define.ts';
import { jsonText, printJson } from '../print/output-options.ts';
import type { ShownBudget, ShownUsage } from '../print/spending-columns.ts';
import { type Hands, openWindow, ownHands } from '../status/status-window.ts';
import { type BottleLook, bottleFrame, type ShownBottle } from './bottle-frame.ts';

export type ScreenOptions = {
  readonly intervalMs: number;
  /** One look, printed. So it is wherever there is no terminal. */
  readonly once: boolean;
  readonly output: 'table' | 'json' | 'ndjson';
};

const leaving = new Set(['q', 'Q', '\x03', '\x04']);
const policies: Readonly<Record<string, 'cutoff' | 'freeze' | 'kill'>> = { c: 'cutoff', f: 'freeze', s: 'kill' };
const moves: Readonly<Record<string, number>> = { '\x1b[A': -1, '\x1b[B': 1, '\x1bOA': -1, '\x1bOB': 1, k: -1, j: 1 };
const words = { cutoff: 'is cut off', freeze: 'is being frozen', kill: 'is being stopped' } as const;

type Api = Awaited<ReturnType<Cli['client']>>;

async function lookAt(api: Api): Promise<BottleLook> {
  const [{ bottles }, { usage }, { budgets }] = await Promise.all([
    api.get<{ bottles: ShownBottle[] }>('/bottles?limit=100'),
    api.get<{ usage: ShownUsage[] }>('/usage?by=bottle'),
    api.get<{ budgets: ShownBudget[] }>('/budgets'),
  ]);
  const open = bottles.filter(({ status }) => status === 'requested' || status === 'running');
  return { url: api.url, bottles: open, usage, budgets, said: null };
}

/** Who runs for what, what it took, and keys to end it. Exit code 0; 130 when Ctrl-C came as a signal. */
export async function bottleScreen(options: ScreenOptions, cli: Cli, hands: Hands = ownHands): Promise<number> {
  const api = await cli.client();
  const first = await lookAt(api);
  if (options.output === 'table' && !options.once && cli.terminal.isTTY) return stay(first, api, options, cli, hands);
  const { bottles, usage, budgets } = first;
  if (options.output === 'json') printJson(cli, { bottles, usage, budgets });
  else if (options.output === 'ndjson') for (const bottle of bottles) cli.print(jsonText(bottle));
  else for (const line of bottleFrame({ ...first, said: '' }, -1, Number.MAX_SAFE_INTEGER, cli)) cli.print(line);
  return 0;
}

async function stay(
  first: BottleLook,
  api: Api,
  { intervalMs }: ScreenOptions,
  cli: Cli,
  hands: Hands,
): Promise<number> {
  let look = first;
  let chosen = 0;
  const left = Promise.withResolvers<void>();
  const { signal } = cli;
  const window = openWindow(cli);
  const draw = () => {
    chosen = Math.max(0, Math.min(chosen, look.bottles.length - 1));
    window.show(bottleFrame(look, chosen, cli.terminal.rows ?? 24, cli));
  };
  const refresh = async (said: string | null = null) => {
    look = { ...(await lookAt(api).catch((error) => lostOr(error, look))), ...(said === null ? {} : { said }) };
    draw();
  };
  const end = async (policy: 'cutoff' | 'freeze' | 'kill') => {
    const bottle = look.bottles[chosen];
    if (!bottle) return;
    const path = `/bottles/${encodeURIComponent(bottle.id)}/stop`;
    const said = await api.post(path, { policy }).then(() => `${bottle.id} ${words[policy]}`, messageOf);
    await refresh(said);
  };
  const stopListening = hands.listen({
    key: (keys) => {
      if ([...keys].some((one) => leaving.has(one))) return left.resolve();
      chosen += moves[keys] ?? 0;
      draw();
      const policy = policies[keys];
      if (policy) end(policy).catch(left.reject);
    },
    resize: draw,
  });
  const onAbort = () => left.resolve();
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  const timer = setInterval(() => void refresh().catch(left.reject), Math.max(100, intervalMs));
  try {
    draw();
    await left.promise;
    return signal.aborted ? 130 : 0;
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', onAbort);
    stopListening();
    window.close();
  }
}

/** What may pass by itself is shown and waited for; the rest ends the screen. */
function lostOr(error: unknown, look: BottleLook): BottleLook {
  if ((['unauthorized', 'forbidden', 'not_found'] as const).some((code) => isAppError(error, code))) throw error;
  return { ...look, said: messageOf(error) };
}
