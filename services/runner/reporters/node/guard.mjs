/** Says of each process in which tests run that it came to its end, and what of that which judges was replaced in it. */
import assert from 'node:assert';
import { createHmac } from 'node:crypto';
import { openSync, readdirSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as testing from 'node:test';

const folder = process.env.CRAFTING_REPORT_DIR ?? '';
const { pid } = process;

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
        const line = JSON.stringify(record);
        mac = createHmac('sha256', key)
          .update(mac + line)
          .digest('hex');
        writeSync(file, `${mac} ${line}\n`);
      };
    } catch {}
  }
  return () => {};
}

const judges = () => {
  const places = {
    assert,
    'assert.strict': assert.strict,
    'AssertionError.prototype': assert.AssertionError.prototype,
  };
  const common = {
    Object,
    'Object.prototype': Object.prototype,
    Array: Array.prototype,
    JSON,
    Reflect,
    Promise: Promise.prototype,
  };
  const all = {
    ...places,
    ...common,
    String: String.prototype,
    Number: Number.prototype,
    testing,
    Function: Function.prototype,
  };
  return new Map(
    Object.entries(all).flatMap(([name, place]) =>
      Object.entries(Object.getOwnPropertyDescriptors(place)).map(([key, { value, get }]) => [
        `${name}.${key}`,
        value ?? get,
      ]),
    ),
  );
};

/** Whether this is a process of tests, and not the runner that started it. */
if (process.env.NODE_TEST_CONTEXT && folder !== '') {
  const say = openChannel();
  const known = judges();
  say({ k: 'start', tool: 'node', version: process.version });
  process.once('exit', (exit) => {
    const now = judges();
    const changed = [...known].filter(([name, value]) => typeof value === 'function' && now.get(name) !== value);
    say({ k: 'end', exit, changed: changed.map(([name]) => name).slice(0, 20) });
  });
}
