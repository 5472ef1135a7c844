import assert from 'node:assert';
import { createRequire } from 'node:module';
import { ofReporters, openChannel, watchReplaced } from './channel.mjs';

/** Listens to each run of the mocha that lies in this folder; its tests run in this process. */
export function watchMocha(folder) {
  const load = createRequire(`${folder}/`);
  const say = openChannel();
  for (const file of ['./lib/runner.js', './lib/nodejs/parallel-buffered-runner.js']) {
    const Runner = loaded(load, file);
    if (!Runner || !Object.hasOwn(Runner.prototype, 'run')) continue;
    const run = Runner.prototype.run;
    Runner.prototype.run = function watched(...given) {
      listen(this, say, replaced);
      return run.apply(this, given);
    };
  }
  const replaced = watchReplaced({
    ...ofReporters,
    assert,
    'assert.strict': assert.strict,
    'AssertionError.prototype': assert.AssertionError.prototype,
    ...Object.fromEntries(
      ['runner', 'runnable', 'test', 'hook', 'suite'].flatMap((name) => {
        const part = loaded(load, `./lib/${name}.js`);
        return part ? [[`mocha.${name}`, part.prototype]] : [];
      }),
    ),
  });
}

function listen(runner, say, replaced) {
  const tell = (outcome) => (test) => {
    const file = (test.file ?? test.parent?.file ?? '').replace(`${process.cwd()}/`, '');
    say({ k: 'test', id: `${file}::${test.fullTitle()}`, outcome, ms: Math.round(test.duration ?? 0) });
  };
  say({ k: 'start', tool: 'mocha', version: process.version });
  runner.on('pass', tell('passed'));
  runner.on('fail', tell('failed'));
  runner.on('pending', tell('skipped'));
  runner.once('end', () => say({ k: 'end', exit: runner.failures > 0 ? 1 : 0, changed: replaced() }));
}

/** The class of a file: all that it gives, or since mocha 12 one of its exports, by the name of the file. Null where it has none. */
function loaded(load, file) {
  const name = file.replace(/^.*\/|\.js$|-/g, '');
  try {
    const given = load(file);
    const named = Object.entries(given).find(([key]) => key.toLowerCase() === name)?.[1];
    return [given, named, given.default].find((one) => typeof one === 'function' && one.prototype) ?? null;
  } catch {
    return null;
  }
}
