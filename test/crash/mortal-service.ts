import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import type { Draft } from '../../events/registry.ts';
import { readConfig } from '../../services/config.ts';
import { openLog } from '../../services/io/log.ts';
import { start } from '../../services/start.ts';
import { paced } from '../support/pace.ts';

/**
 * The service as it is, with little patience, so that what a dead one left comes again soon. It kills itself at the moment
 * when `MORTAL_AFTER` (`<event> <project>`; of a job's events those of verify jobs) is in the log, before it does anything more.
 */
const { MORTAL_AFTER = '', CRAFTING_TEST_PACE: _pace, ...env } = process.env;
const [type, project] = MORTAL_AFTER.split(' ');
const config = readConfig(env);
const verifying = new Set<string>();

function isMortal(draft: Draft): boolean {
  if (draft.type === 'JobEnqueued' && draft.data.patch && draft.data.project === project) verifying.add(draft.id);
  if (draft.type !== type) return false;
  return 'patch_id' in draft.data ? draft.data.project === project : verifying.has(draft.id);
}

setFlagsFromString('--max-semi-space-size=8');
const logger = await openLog({ level: config.logLevel, format: config.logFormat });
const farm = await start(config, logger, { patience: { ackWaitMs: paced(1_000), maxArrivals: 20, pauseMs: 200 } });
const { log } = farm.store;
const { append } = log;
Object.assign(log, {
  append: async (...args: Parameters<typeof append>) => {
    const appended = await append(...args);
    if (isMortal(args[0])) process.kill(process.pid, 'SIGKILL');
    return appended;
  },
});
// One that is killed leaves nothing behind by itself, and the next one would be slow.
flushCompileCache();
process.stdout.write(`crafting-table is at ${farm.url} (mortal)\n`);
process.once('SIGTERM', () => farm.close().then(() => process.exit(0)));
