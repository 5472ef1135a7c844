import { readConfig } from '../../services/config.ts';
import { openLog } from '../../services/io/log.ts';
import { start } from '../../services/start.ts';

/** A service whose runner renews and judges leases in the times of LEASE_TIMES, `<renew ms>/<lost after ms>`. */
const [renewMs = 0, lostAfterMs = 0] = (process.env.LEASE_TIMES ?? '').split('/').map(Number);
const config = readConfig(process.env);
const logger = await openLog({ level: config.logLevel, format: config.logFormat });
const farm = await start(config, logger, { leaseTimes: { renewMs, lostAfterMs } });
process.stdout.write(`roles ${config.roles.join(', ')}\n`);
process.once('SIGTERM', () =>
  farm
    .drain(config.drainSecs * 1000)
    .then(() => farm.close())
    .then(() => process.exit(0)),
);
