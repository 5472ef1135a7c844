import { readdirSync, statSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { backupOf } from '../services/backup/make-backup.ts';
import { restoreBackup } from '../services/backup/restore-backup.ts';
import { writeBackup } from '../services/backup/write-backup.ts';
import { version } from '../services/floor/version.ts';
import { syncTree } from '../services/io/files/sync-tree.ts';
import { silent } from '../services/io/log.ts';
import { inFolder } from './bench-farm.ts';
import { type Figure, median, printed } from './figure.ts';
import { appendAll, configIn, withStore } from './filled-store.ts';
import { jobHistory } from './job-history.ts';

const events = 50_000;
const rounds = 3;

/**
 * A backup of 50,000 events, written, read back and on disk, and a restore of it into an empty folder, with the start
 * and the end of its own log server: seconds, against a copy of the store's folder that is synced afterwards. In turn.
 */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const data = join(dir, 'data');
    await mkdir(data);
    return withStore(data, async (store) => {
      const { end } = await appendAll(store, jobHistory(events / 4));
      const [backups, restores, copies] = [[] as number[], [] as number[], [] as number[]];
      let bytes = 0;
      for (let round = 0; round < rounds; round += 1) {
        const file = join(dir, `backup-${round}.tar`);
        copies.push(await timed(() => copy(join(data, 'nats'), join(dir, `copy-${round}`))));
        backups.push(
          await timed(async () => {
            ({ bytes } = await writeBackup(
              file,
              backupOf({ ...store, checkpoint: null }, { version, withLogs: false, madeAt: new Date() }),
            ));
          }),
        );
        restores.push(await timed(() => restore(file, data, join(dir, `restored-${round}`))));
        for (const name of [`copy-${round}`, `restored-${round}`]) await rm(join(dir, name), { recursive: true });
      }
      tell({ end, bytes, stored: sizeOf(data) }, backups, restores, copies);
      const figure = (what: string, ours: number[], atMost: number): Figure => ({
        what,
        unit: 's',
        ours: median(ours),
        limit: median(copies),
        target: { atMost },
      });
      return [
        figure(`backup of ${end} events, against cp and sync of the store`, backups, 20),
        figure('restore of it, against the same', restores, 40),
      ];
    });
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function copy(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  await syncTree(to);
}

async function restore(file: string, data: string, to: string): Promise<void> {
  await mkdir(to);
  const options = { file, key: join(data, 'secret.key'), force: false, now: () => new Date() };
  await restoreBackup(configIn(to), options, silent);
}

type Told = { readonly end: number; readonly bytes: number; readonly stored: number };

function tell({ end, bytes, stored }: Told, backups: number[], restores: number[], copies: number[]): void {
  const said = (name: string, all: number[]) =>
    `${name} ${(end / median(all)).toFixed(0)} events/s, ${(stored / 1e6 / median(all)).toFixed(0)} MB/s of the store`;
  console.log(`backup: a store of ${(stored / 1e6).toFixed(1)} MB, a file of ${(bytes / 1e6).toFixed(1)} MB`);
  console.log(`backup: ${said('written', backups)}; ${said('restored', restores)}; ${said('copied', copies)}`);
}

function sizeOf(data: string): number {
  return readdirSync(join(data, 'nats'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

if (import.meta.main) await printed(run);
