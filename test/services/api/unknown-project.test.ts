import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withFarm } from '../../support/farm.ts';
import { register } from './registered.ts';

test('a list of a project that is not there is not found, and one of a project with nothing is empty', () =>
  withFarm(async (farm) => {
    await register(farm, 'web', { commands: { lint: 'true' } });
    for (const list of ['findings', 'jobs', 'patches', 'schedules']) {
      const none = await farm.http.get(`/${list}?project=nosuch`);
      assert.deepEqual([none.status, none.json.code], [404, 'not_found'], list);
      const own = await farm.http.get(`/${list}?project=web`);
      assert.deepEqual([own.status, own.json[list]], [200, []], list);
    }
  }));
