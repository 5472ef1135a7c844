import { pathToFileURL } from 'node:url';
import { ofReporters, openChannel, watchReplaced } from './channel.mjs';

const beside = new Set([
  ...['hook-failed', 'uncaught-exception', 'unhandled-rejection', 'internal-error', 'missing-ava-import'],
  ...['process-exit', 'timeout', 'worker-failed', 'shared-worker-error', 'interrupt'],
]);

/** Listens to each run of the ava that lies in this folder; its tests run in other processes. */
export async function watchAva(folder) {
  const { default: Api } = await import(pathToFileURL(`${folder}/lib/api.js`).href);
  const say = openChannel();
  const replaced = watchReplaced({ ...ofReporters, Api: Api.prototype });
  const run = Api.prototype.run;
  Api.prototype.run = async function watched(...given) {
    say({ k: 'start', tool: 'ava', version: process.version });
    this.on('run', (said) => (said.data ?? said).status.on('stateChange', (event) => tell(event.data ?? event, say)));
    const status = await run.apply(this, given);
    say({ k: 'end', changed: replaced().filter((name) => name !== 'Api.run') });
    return status;
  };
}

function tell({ type, testFile, title, knownFailing, skip, todo, duration }, say) {
  const id = `${(testFile ?? '').replace(`${process.cwd()}/`, '')}::${title ?? ''}`;
  const record = (outcome) => say({ k: 'test', id, outcome, ms: Math.round(duration ?? 0) });
  if (type === 'test-passed') record(knownFailing ? 'xfailed' : 'passed');
  else if (type === 'test-failed') record(knownFailing ? 'xpassed' : 'failed');
  else if (type === 'selected-test' && (skip || todo)) record('skipped');
  else if (beside.has(type)) record('error');
}
