import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import type { Draft } from '../../events/registry.ts';
import { readConfig } from '../../services/config.ts';
import { openLog } from '../../services/io/log.ts';
import { start } from '../../services/start.ts';
import { judgeHere } from '../support/judge-here.ts';
import { paced } from '../support/pace.ts';

/**
 * The service as it is, with little patience, so that what a dead one left comes again soon. It kills itself at the moment
 * when `MORTAL_AFTER` (`<event> <project>`; of a job's events those of verify jobs) is in the log, before it does anything more.
 * Who starts it a dozen times says in `MORTAL_PARTS` what is no matter of its death: it judges patches in its own process, and
 * asks no toolchain for its version.
 */
const { MORTAL_AFTER = '', MORTAL_PARTS = '', CRAFTING_TEST_PACE: _pace, ...env } = process.env;
const [type, project] = MORTAL_AFTER.split(' ');
const config = readConfig(env);
const flushMs = 500;
const verifying = new Set<string>();

function isMortal(draft: Draft): boolean {
  if (draft.type === 'JobEnqueued' && draft.data.patch && draft.data.project === project) verifying.add(draft.id);
  if (draft.type !== type) return false;
  return 'patch_id' in draft.data ? draft.data.project === project : verifying.has(draft.id);
}

setFlagsFromString('--max-semi-space-size=8');
const logger = await openLog({ level: config.logLevel, format: config.logFormat });
const patience = { ackWaitMs: paced(1_000), maxArrivals: 20, pauseMs: 200 };
const few = MORTAL_PARTS === '' ? {} : { judge: judgeHere, findLabels: async () => ['node'] };
const farm = await start(config, logger, { patience, ...few });
const { log } = farm.store;
const { append } = log;
Object.assign(log, {
  append: async (...args: Parameters<typeof append>) => {
    const appended = await append(...args);
    if (isMortal(args[0])) process.kill(process.pid, 'SIGKILL');
    return appended;
  },
});
// One that is killed leaves nothing behind by itself, and the next one would be slow; what a draft needs is loaded with the first.
flushCompileCache();
setInterval(flushCompileCache, flushMs).unref();
process.stdout.write(`crafting-table is at ${farm.url} (mortal)\n`);
process.once('SIGTERM', () => farm.close().then(() => process.exit(0)));
