import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withFarm } from '../../support/farm.ts';
import { register } from '../api/registered.ts';
import { say } from './captured-cli.ts';

test('the command line says why a job failed, and which project is not there', () =>
  withFarm(async (farm) => {
    const command = 'mkdir -p out && printf "SF:a.js\\nDA:1,1\\nDA:2,0\\nDA:3,0\\nend_of_record\\n" > out/lcov.info';
    const one = { path: '.', language: 'typescript', test: command, coverage: ['out/lcov.info'], min_coverage: 60 };
    await register(farm, 'web', { subprojects: [one] });
    const env = { CRAFTING_TABLE_BASE_URL: farm.url, CRAFTING_TABLE_TOKEN: farm.admin };
    const ran = await say(['run', 'web', 'test', '--follow'], { env });
    assert.equal(ran.code, 1, ran.err);
    assert.match(ran.err, /: failed/);
    assert.match(ran.err, /^Why: tests cover 33.33 % of the lines \(1 of 3\), and min_coverage asks for 60 %$/m);
    const none = await say(['findings', '--project', 'nosuch'], { env });
    assert.deepEqual([none.code, none.out], [4, '']);
    assert.match(none.err, /project/);
    assert.equal((await say(['findings', '--project', 'web'], { env })).code, 0);
    assert.equal((await say(['secrets', '--project', 'web'], { env })).code, 0);
  }));
