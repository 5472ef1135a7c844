import type { Cli } from '../define.ts';

/** Control sequences of every terminal since xterm: the second screen, the cursor, and a frame that is shown as one. */
const enter = '\x1b[?1049h\x1b[?25l';
// Cleared first: tmux puts what stands there into the history of a window that was resized meanwhile.
const leave = '\x1b[?2026l\x1b[0m\x1b[H\x1b[2J\x1b[?25h\x1b[?1049l';
const [begin, end] = ['\x1b[?2026h\x1b[H', '\x1b[J\x1b[?2026l'];

/** What a person does at the window. */
export type Hands = {
  /** Begins to listen; answers how to stop, which leaves the keyboard as it was. */
  listen(on: { key: (key: string) => void; resize: () => void }): () => void;
};

type StatusWindow = {
  /** Shows these lines in place of those before, in one write: what stays the same does not flicker. */
  show(lines: readonly string[]): void;
  close(): void;
};

/** Takes the whole window, and gives it back clean however the process ends. */
export function openWindow(cli: Pick<Cli, 'write'>): StatusWindow {
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    process.removeListener('exit', close);
    cli.write(leave);
  };
  process.once('exit', close);
  cli.write(enter);
  return {
    // The last line has no line end, or the window would scroll.
    show: (lines) => {
      if (open) cli.write(`${begin}${lines.map((line) => `${line}\x1b[K`).join('\r\n')}${end}`);
    },
    close,
  };
}

/** The keyboard and the window of this process. Keys come one by one, and none is echoed. */
export const ownHands: Hands = {
  listen: ({ key, resize }) => {
    const { stdin, stdout } = process;
    const onKey = (bytes: Buffer) => key(bytes.toString('utf8'));
    const raw = stdin.isTTY === true;
    if (raw) {
      stdin.setRawMode(true);
      stdin.on('data', onKey);
      stdin.resume();
    }
    stdout.on('resize', resize);
    return () => {
      stdout.removeListener('resize', resize);
      if (!raw) return;
      stdin.removeListener('data', onKey);
      stdin.setRawMode(false);
      stdin.pause();
    };
  },
};
