import { ofReporters, openChannel, watchReplaced } from './channel.mjs';

const outcomes = {
  passed: 'passed',
  failed: 'failed',
  pending: 'skipped',
  skipped: 'skipped',
  disabled: 'skipped',
  todo: 'skipped',
};

/** What jest makes one of for a run, in its own process. */
// biome-ignore lint/style/noDefaultExport: jest takes the default export of a reporter.
export default class {
  #say = openChannel();
  #replaced = watchReplaced(ofReporters);

  onRunStart() {
    this.#say({ k: 'start', tool: 'jest', version: process.version });
  }

  onTestResult({ path }, { testResults, testExecError }) {
    const file = path.replace(`${process.cwd()}/`, '');
    for (const { fullName, status, duration } of testResults)
      this.#say({
        k: 'test',
        id: `${file}::${fullName}`,
        outcome: outcomes[status] ?? 'doubtful',
        ms: Math.round(duration ?? 0),
      });
    if (testExecError) this.#say({ k: 'test', id: `${file}::`, outcome: 'error', ms: 0 });
  }

  onRunComplete(_, { wasInterrupted }) {
    if (!wasInterrupted) this.#say({ k: 'end', changed: this.#replaced() });
  }
}
