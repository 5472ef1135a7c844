import { existsSync, readFileSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import type { Log } from '../io/log.ts';
import { compareOutside, type OutsideDeps } from './compare-outside.ts';
import type { Comparison } from './outside-report.ts';
import { openRemoteBranches } from './remote-branches.ts';
import { restoredNote } from './restore-backup.ts';

export type OutsideWatch = {
  /** Compares what lies outside with the log; whoever asked for it has seen the report of the restore. */
  compare(): Promise<Comparison>;
  /** What is to be said of a restore, null when there was none or its report was seen. */
  readonly warning: () => string | null;
  close(): Promise<void>;
};

/** The comparison after a restore, as it is kept in the data folder. */
type Report = Comparison & { readonly restored: unknown; readonly compared_at: string; readonly acknowledged: boolean };

const reportName = 'restore-report.json';
/** Differences that are told one by one in the log of the service. */
const told = 20;

type WatchDeps = Omit<OutsideDeps, 'branches'> & { readonly logger: Log; readonly clock: Clock };

/** Compares by itself once at the first start after a restore, behind everything else. */
export function openOutside(deps: WatchDeps): OutsideWatch {
  const { config, logger } = deps;
  const note = join(config.dataDir, restoredNote);
  const file = join(config.dataDir, reportName);
  const branches = openRemoteBranches(join(config.workspaceDir, 'asking'), { allowLocal: config.allowLocalRepos });
  let report = kept(file);
  let running: Promise<Comparison> | undefined;
  let closed = false;

  const keep = async (restored: unknown, found: Comparison, acknowledged: boolean) => {
    report = { restored, compared_at: new Date(deps.clock.now()).toISOString(), acknowledged, ...found };
    await writeWhole(file, report);
  };
  const compareOnce = () => {
    running ??= compareOutside({ ...deps, branches }).finally(() => {
      running = undefined;
    });
    return running;
  };
  const first = async () => {
    const found = await compareOnce();
    // What was broken off compared nothing: the next start does it again.
    if (closed) return;
    await keep(JSON.parse(readFileSync(note, 'utf8')), found, found.differences.length === 0);
    tell(found, logger);
    rmSync(note, { force: true });
  };
  const beginning = existsSync(note)
    ? first().catch((error) =>
        logger.warn({ error: messageOf(error) }, 'the outside could not be compared with the log'),
      )
    : Promise.resolve();
  return {
    compare: async () => {
      await beginning;
      const found = await compareOnce();
      if (report) await keep(report.restored, found, true);
      return found;
    },
    warning: () => {
      if (existsSync(note)) return 'restored from a backup; what lies outside is not compared with the log yet';
      if (report === null || report.acknowledged) return null;
      const { length } = report.differences;
      return `restored from a backup; ${length} differences outside, see ${reportName} or POST /admin/compare`;
    },
    close: async () => {
      closed = true;
      branches.close();
      await beginning;
      await running?.catch(() => {});
    },
  };
}

/** A report that somebody has damaged is none: it is made anew by asking. */
function kept(file: string): Report | null {
  try {
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : null;
  } catch {
    return null;
  }
}

function tell({ compared, differences }: Comparison, logger: Log): void {
  if (differences.length === 0)
    logger.info({ compared }, 'restored from a backup: what lies outside is as the log says');
  else
    logger.warn(
      { compared, differences: differences.slice(0, told), in_all: differences.length },
      'restored from a backup: what lies outside differs from the log',
    );
}

async function writeWhole(file: string, report: Report): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(report, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
