import { once } from 'node:events';
import { silent } from '../../../services/io/log.ts';
import { start } from '../../../services/start.ts';
import { testConfig } from '../../support/farm.ts';
import { movedClock } from '../../support/moved-clock.ts';

/** A whole service in a process of its own, whose clock goes to a moment when it is told to: `<folder> <now>`. */
const [dir = '', now = ''] = process.argv.slice(2);
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('CRAFTING_')));
const clock = movedClock(Number(now));
await start(testConfig(dir, env as Record<string, string>), silent, { clock });
process.send?.('started');
await once(process, 'message');
await clock.forward(10 * 60_000);
