import { isAppError, messageOf } from '../../floor/app-error.ts';
import type { Cli } from '../define.ts';
import { jsonText, printJson } from '../print/output-options.ts';
import { eventRate, type StatusDocument, type StatusLook } from './status-document.ts';
import { frameOf, pageOf } from './status-frame.ts';
import { type Hands, openWindow, ownHands } from './status-window.ts';

export type StatusOptions = {
  /** Between two looks, in ms. */
  readonly intervalMs: number;
  /** One look, printed. So it is wherever there is no terminal. */
  readonly once: boolean;
  readonly output: 'table' | 'json' | 'ndjson';
};

/** Keys that end it: q, Ctrl-C (which is no signal while keys come one by one), Ctrl-D. */
const leaving = new Set(['q', 'Q', '\x03', '\x04']);
const leastInterval = 100;

/** Shows what the farm does, until it is left. Exit code 0; 130 when Ctrl-C came as a signal. */
export async function statusScreen(options: StatusOptions, cli: Cli, hands: Hands = ownHands): Promise<number> {
  const api = await cli.client();
  const look = () => api.get<StatusDocument>('/status');
  const isLive = options.output === 'table' && !options.once && cli.terminal.isTTY;
  if (!isLive) {
    printOnce(await look(), api.url, options.output, cli);
    return 0;
  }
  return stay({ url: api.url, look, intervalMs: Math.max(leastInterval, options.intervalMs) }, cli, hands);
}

function printOnce(status: StatusDocument, url: string, output: StatusOptions['output'], cli: Cli): void {
  const columns = cli.terminal.isTTY ? cli.terminal.columns : Math.max(120, cli.terminal.columns);
  if (output === 'json') printJson(cli, status);
  else if (output === 'ndjson') cli.print(jsonText(status));
  else for (const line of pageOf({ url, status, rate: null, trouble: null }, columns, cli)) cli.print(line);
}

type Looking = { readonly url: string; readonly look: () => Promise<StatusDocument>; readonly intervalMs: number };

async function stay({ url, look, intervalMs }: Looking, cli: Cli, hands: Hands): Promise<number> {
  // Before the window is taken: who may not look is told so on the usual screen.
  let shown: StatusLook = { url, status: await look(), rate: null, trouble: null };
  const rate = eventRate();
  rate(shown.status.log.end, performance.now());
  const left = Promise.withResolvers<'left'>();
  // Asked for before the window is taken: from then on a signal does not end the process by itself.
  const { signal } = cli;
  const window = openWindow(cli);
  const draw = () => {
    const { columns, rows = 24 } = cli.terminal;
    window.show(frameOf(shown, { columns, rows }, cli));
  };
  const stopListening = hands.listen({
    key: (keys) => {
      if ([...keys].some((one) => leaving.has(one))) left.resolve('left');
    },
    resize: draw,
  });
  const onAbort = () => left.resolve('left');
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    for (;;) {
      draw();
      if ((await orAfter(left.promise, intervalMs)) === 'left') break;
      const next = await Promise.race([left.promise, look().catch(troubleOf)]);
      if (next === 'left') break;
      if (typeof next === 'string') shown = { ...shown, trouble: next };
      else shown = { url, status: next, rate: rate(next.log.end, performance.now()), trouble: null };
    }
    return signal.aborted ? 130 : 0;
  } finally {
    signal.removeEventListener('abort', onAbort);
    stopListening();
    window.close();
  }
}

/** What may pass by itself is shown and waited for; the rest ends the screen. */
function troubleOf(error: unknown): string {
  const ends = ['unauthorized', 'forbidden', 'not_found'] as const;
  if (ends.some((code) => isAppError(error, code))) throw error;
  return messageOf(error);
}

/** What a promise brings within a time, or undefined. */
async function orAfter<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, ms, undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
