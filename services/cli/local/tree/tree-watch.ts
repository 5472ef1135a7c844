import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { AppError } from '../../../floor/app-error.ts';
import type { CheckoutHere, Git } from './checkout-here.ts';

/** A save is several events: this long after the last one it is over. */
const quietMs = 40;
const mostFolders = 20_000;

export type TreeWatch = {
  /** The files that were saved since the last call, by path from the root; empty when it is over. */
  next(): Promise<readonly string[]>;
  close(): void;
};

/**
 * Watches the folders of the files that git knows or does not ignore: dependencies and output are not looked at. A file
 * that git ignores is not told. Throws AppError('invalid') when the machine allows no more watches.
 */
export function watchTree({ root, files }: CheckoutHere, git: Git, signal: AbortSignal): TreeWatch {
  const known = new Set(files ?? []);
  const watchers = new Map<string, FSWatcher>();
  let touched = new Set<string>();
  let wake = () => {};
  const add = (folder: string) => {
    if (watchers.has(folder) || watchers.size >= mostFolders) return;
    const watcher = opened(join(root, folder), (name) => {
      touched.add(posix.join(folder, name));
      wake();
    });
    watcher.on('error', () => close(folder));
    watchers.set(folder, watcher);
  };
  const close = (folder: string) => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  for (const file of known) for (const folder of foldersOf(file)) add(folder);
  add('.');
  signal.addEventListener('abort', () => wake(), { once: true });
  const saved = async (paths: readonly string[]): Promise<string[]> => {
    const infos = await Promise.all(paths.map((path) => stat(join(root, path)).catch(() => null)));
    const strange = paths.filter((path, at) => !known.has(path) && infos[at] !== null);
    // A new folder is told once, with what lies in it by then.
    const fresh = strange.length === 0 ? [] : await listed(strange, git);
    for (const path of fresh) {
      known.add(path);
      for (const folder of foldersOf(path)) add(folder);
    }
    return [...new Set([...paths.filter((path, at) => infos[at]?.isFile() && known.has(path)), ...fresh])];
  };
  return {
    next: async () => {
      while (!signal.aborted) {
        if (touched.size === 0) await new Promise<void>((resolve) => (wake = resolve));
        while (!signal.aborted && (await movesWithin(quietMs, (resolve) => (wake = resolve))));
        const paths = [...touched].filter((path) => !path.startsWith('.git/') && path !== '.git');
        touched = new Set();
        const files = await saved(paths);
        if (files.length > 0) return files;
      }
      return [];
    },
    close: () => {
      for (const folder of [...watchers.keys()]) close(folder);
    },
  };
}

function opened(folder: string, onName: (name: string) => void): FSWatcher {
  try {
    return watch(folder, { persistent: true }, (_event, name) => name && onName(name));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new AppError(
      'invalid',
      code === 'ENOSPC' || code === 'EMFILE'
        ? 'The machine allows no more watched folders: raise fs.inotify.max_user_watches.'
        : `${folder} cannot be watched: ${String(code ?? cause)}.`,
      { cause },
    );
  }
}

/** Every folder above a file, from the root. */
function foldersOf(file: string): string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

/** Whether something moves before that time is over. */
async function movesWithin(ms: number, onMove: (resolve: () => void) => void): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  onMove(() => resolve(true));
  const moved = await promise;
  clearTimeout(timer);
  return moved;
}

/** Those of these paths, or in them, that git knows or does not ignore. */
async function listed(paths: readonly string[], git: Git): Promise<string[]> {
  const text = await git('ls-files', '--cached', '--others', '--exclude-standard', '-z', '--', ...paths).catch(
    () => '',
  );
  return text.split('\0').filter(Boolean);
}
