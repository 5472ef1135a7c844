import { ofReporters, openChannel, watchReplaced } from './channel.mjs';

const outcomes = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  pass: 'passed',
  fail: 'failed',
  skip: 'skipped',
  todo: 'skipped',
};

/** What vitest makes one of for a run, in its own process: tests run in others. */
// biome-ignore lint/style/noDefaultExport: vitest takes the default export of a reporter.
export default class {
  #say = openChannel();
  #replaced = watchReplaced(ofReporters);
  #isOver = false;

  onInit() {
    this.#say({ k: 'start', tool: 'vitest', version: process.version });
  }

  /** Since version 3. */
  onTestRunEnd(modules, errors, reason) {
    for (const module of modules) {
      for (const test of module.children.allTests())
        this.#test(module.moduleId, test.fullName, test.result().state, test.diagnostic()?.duration);
      if (module.errors().length > 0) this.#test(module.moduleId, '', 'error');
    }
    this.#end(errors, reason === 'interrupted');
  }

  /** Before version 3. */
  onFinished(files = [], errors = []) {
    if (this.#isOver) return;
    const each = (file, tasks, before) => {
      for (const { type, name, result, mode, tasks: inner } of tasks)
        if (type === 'suite') each(file, inner, [...before, name]);
        else this.#test(file.filepath, [...before, name].join(' > '), result?.state ?? mode, result?.duration);
    };
    for (const file of files) {
      each(file, file.tasks, []);
      if (file.result?.state === 'fail' && file.tasks.length === 0) this.#test(file.filepath, '', 'error');
    }
    this.#end(errors, false);
  }

  #test(path, name, state, ms = 0) {
    const id = `${path.replace(`${process.cwd()}/`, '')}::${name}`;
    this.#say({
      k: 'test',
      id,
      outcome: state === 'error' ? 'error' : (outcomes[state] ?? 'doubtful'),
      ms: Math.round(ms),
    });
  }

  #end(errors, wasInterrupted) {
    if (this.#isOver) return;
    this.#isOver = true;
    if (errors.length > 0) this.#test('', 'outside of the tests', 'error');
    if (!wasInterrupted) this.#say({ k: 'end', changed: this.#replaced() });
  }
}
