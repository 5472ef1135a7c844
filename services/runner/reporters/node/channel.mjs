/** Says line by line what a runner of tests did, to a folder outside of the tree. */
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';

const folder = process.env.CRAFTING_REPORT_DIR ?? '';
const { pid } = process;
// As they are before anything of the tree has run.
const { createHmac } = crypto;
const { openSync, readdirSync, readFileSync, renameSync, unlinkSync, writeSync } = fs;
const { stringify } = JSON;

/** Signs each line with a key that is taken out of the folder, together with what stood before it. */
export function openChannel() {
  for (const name of folder === '' ? [] : readdirSync(join(folder, 'keys')).sort()) {
    try {
      const mine = join(folder, 'keys', `${name}.${pid}`);
      renameSync(join(folder, 'keys', name), mine);
      const key = readFileSync(mine, 'utf8').trim();
      unlinkSync(mine);
      const file = openSync(join(folder, `${name}.jsonl`), 'ax', 0o644);
      let mac = '';
      return (record) => {
        const line = stringify(record);
        mac = createHmac('sha256', key)
          .update(mac + line)
          .digest('hex');
        writeSync(file, `${mac} ${line}\n`);
      };
    } catch {}
  }
  return () => {};
}

/** Names of what was replaced since, of what these places hold now. */
export function watchReplaced(places) {
  const functions = () =>
    Object.entries(places).flatMap(([name, place]) =>
      Object.entries(Object.getOwnPropertyDescriptors(place)).map(([key, { value, get }]) => [
        `${name}.${key}`,
        value ?? get,
      ]),
    );
  const known = functions();
  return () => {
    const now = new Map(functions());
    const changed = known.filter(([name, value]) => typeof value === 'function' && now.get(name) !== value);
    return changed.map(([name]) => name).slice(0, 20);
  };
}

/** What code of ours in a process stands on, whoever else runs in it. */
export const common = {
  Object,
  'Object.prototype': Object.prototype,
  Array: Array.prototype,
  JSON,
  Reflect,
  Promise: Promise.prototype,
  String: String.prototype,
  Number: Number.prototype,
  Function: Function.prototype,
};

/** The same, and what a reporter writes and signs with. */
export const ofReporters = {
  ...common,
  fs: fs.default,
  crypto: crypto.default,
  Hmac: Object.getPrototypeOf(createHmac('sha256', '')),
};
