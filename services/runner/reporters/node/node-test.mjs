/**
 * What node:test loads as one of its reporters, in the process of the runner: files of tests run in processes of their own.
 */
import { openChannel } from './channel.mjs';

const where = ({ file, name, nesting, line, column }) =>
  `${(file ?? '').replace(`${process.cwd()}/`, '')}::${nesting}:${name}:${line ?? 0}:${column ?? 0}`;

// biome-ignore lint/style/noDefaultExport: node:test takes the default export of a reporter.
export default async function* report(source) {
  const say = openChannel();
  say({ k: 'start', tool: 'node:test', version: process.version });
  let failed = 0;
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite') continue;
    const isSkipped = data.skip !== undefined && data.skip !== false;
    const isTodo = data.todo !== undefined && data.todo !== false;
    const outcome = isSkipped ? 'skipped' : isTodo ? 'xfailed' : type === 'test:pass' ? 'passed' : 'failed';
    if (outcome === 'failed') failed += 1;
    say({ k: 'test', id: where(data), outcome, ms: Math.round(data.details?.duration_ms ?? 0) });
  }
  say({ k: 'end', exit: failed > 0 ? 1 : 0, changed: [] });
  yield '';
}
