/**
 * Loaded instead of `runners.mjs` where code is not to see that it is tested: takes from the environment what jest and vitest say
 * there, in each of their processes.
 */
import './runners.mjs';

// The one process of vitest that runs no tests loads our reporter by a loader of its own.
const isVitest =
  /[/\\]vitest(?:\.mjs|[/\\]|$)/.test(process.argv[1] ?? '') && process.env.VITEST_WORKER_ID === undefined;
const hidden = /^(?:JEST_WORKER_ID|VITEST(?:_.+)?|TEST|NODE_TEST_CONTEXT|NODE_TEST_WORKER_ID|CRAFTING_.+)$/;
const isHidden = (name) => hidden.test(String(name)) && !(isVitest && name === 'CRAFTING_REPORT_DIR');

const real = process.env;
if (real.NODE_ENV === undefined || real.NODE_ENV === 'test') real.NODE_ENV = 'production';
const shown = new Proxy(real, {
  get: (names, name) => (isHidden(name) ? undefined : names[name]),
  has: (names, name) => !isHidden(name) && name in names,
  ownKeys: (names) => Reflect.ownKeys(names).filter((name) => !isHidden(name)),
  getOwnPropertyDescriptor: (names, name) =>
    isHidden(name) ? undefined : Reflect.getOwnPropertyDescriptor(names, name),
  // A runner says again and again that it tests.
  set: (names, name, value) => {
    if (name !== 'NODE_ENV' || value !== 'test') names[name] = value;
    return true;
  },
});
Object.defineProperty(process, 'env', { configurable: true, enumerable: true, writable: true, value: shown });
