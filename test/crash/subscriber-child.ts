import { closeSync, existsSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { subscribe } from '../../events/subscribe/subscribe.ts';
import type { SubscribeOptions } from '../../events/subscribe/subscription.ts';

/**
 * A subscriber whose work and whose checkpoint are one: each event that it has done with is a line of its file, and it
 * goes on after the last of them.
 */
const { SUBSCRIBER_FILE = '', SUBSCRIBER_OPTIONS = '{}' } = process.env;
const file = openSync(SUBSCRIBER_FILE, existsSync(SUBSCRIBER_FILE) ? 'r+' : 'w+');
const options = JSON.parse(SUBSCRIBER_OPTIONS) as SubscribeOptions;

function lastLine(): number | null {
  const { size } = fstatSync(file);
  const end = Buffer.alloc(Math.min(size, 40));
  readSync(file, end, 0, end.length, size - end.length);
  const line = end.toString('utf8').trimEnd().split('\n').at(-1);
  return line ? Number(line) : null;
}

// One that is killed leaves nothing behind by itself, and the next one would be slow.
flushCompileCache();
let { size: at } = fstatSync(file);
const handler = ({ seq }: { seq: number }) => {
  at += writeSync(file, `${String(seq).padStart(9, '0')}\n`, at);
};
await subscribe({ ...options, checkpoint: { load: async () => lastLine(), save: async () => {} } }, handler);
closeSync(file);
