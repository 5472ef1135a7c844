import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobEnqueuedData } from '../../../../events/jobs/job.ts';
import type { SandboxLevel } from '../../../../services/floor/sandbox-level.ts';
import { limitsOf, planConfinement } from '../../../../services/jobs/rules/plan-confinement.ts';
import { isHostPattern } from '../../../../services/projects/rules/confinement-fields.ts';
import { packageRegistries } from '../../../../services/projects/rules/package-registries.ts';
import { sampleData } from '../../../events/stored-payloads.ts';

type Snapshot = JobEnqueuedData['snapshot'];

function job(project: Partial<Snapshot>, subproject: Partial<Snapshot['subproject']> = {}, purpose = 'requested') {
  const { snapshot } = sampleData('JobEnqueued');
  const whole = { ...snapshot, ...project, subproject: { ...snapshot.subproject, ...subproject } };
  return { snapshot: whole, purpose: purpose as JobEnqueuedData['purpose'], branch: snapshot.default_branch };
}

test('a project that demands a level is refused below it, and served at it and above', () => {
  const served = (sandbox: Snapshot['sandbox'], level: SandboxLevel) =>
    !('refused' in planConfinement(job(sandbox ? { sandbox } : {}), level));
  const levels = ['bwrap', 'reduced', 'none'] as const;
  assert.deepEqual(
    levels.map((level) => served('required', level)),
    [true, false, false],
  );
  assert.deepEqual(
    levels.map((level) => served('bwrap', level)),
    [true, false, false],
  );
  assert.deepEqual(
    levels.map((level) => served('reduced', level)),
    [true, true, false],
  );
  assert.deepEqual(
    levels.map((level) => served('off', level)),
    [true, true, true],
  );
  assert.deepEqual(
    levels.map((level) => served(undefined, level)),
    [true, true, true],
  );
});

test('a network that was asked for and cannot be held is refused, never widened', () => {
  const planned = (network: Snapshot['network'], level: SandboxLevel) =>
    'refused' in planConfinement(job(network ? { network } : {}), level) ? 'refused' : 'held';
  const list = { allow: ['example.org'] };
  assert.deepEqual(
    [planned('off', 'bwrap'), planned('off', 'reduced'), planned('off', 'none')],
    ['held', 'held', 'refused'],
  );
  assert.deepEqual(
    [planned(list, 'bwrap'), planned(list, 'reduced'), planned(list, 'none')],
    ['held', 'refused', 'refused'],
  );
});

test("a subproject's network wins over its project's", () => {
  const plan = planConfinement(job({ network: 'off' }, { network: 'on' }), 'bwrap');
  assert.ok(!('refused' in plan) && plan.network === 'on');
});

test('a job of a machine-made change keeps to the package registries, and gets no secrets', () => {
  for (const purpose of ['verify', 'draft']) {
    const plan = planConfinement(job({}, { env_from: ['TOKEN'] }, purpose), 'bwrap');
    assert.ok(!('refused' in plan));
    assert.deepEqual(plan.network, { allow: [...packageRegistries] });
    assert.deepEqual(plan.envFrom, []);
    assert.match(plan.notes.join(), /env_from is left out/);
  }
  assert.ok(packageRegistries.every(isHostPattern));
});

test('where hosts cannot be told apart, such a job has the network and says so', () => {
  const plan = planConfinement(job({}, {}, 'verify'), 'reduced');
  assert.ok(!('refused' in plan));
  assert.equal(plan.network, 'on');
  assert.match(plan.notes.join(), /the network is on: the sandbox reduced of this runner cannot keep/);
});

test('limits of a subproject win over those of its project, one by one, and those over the usual ones', () => {
  const limits = limitsOf(job({ limits: { memory_mb: 100, processes: 7 } }, { limits: { memory_mb: 200 } }));
  assert.deepEqual([limits.memory_mb, limits.processes, limits.cpu_secs, limits.log_mb], [200, 7, 86_400, undefined]);
});

test('a host of a list is a name, a wildcard or an address, with a port or without', () => {
  for (const good of ['example.org', '*.example.org', 'a.b:8443', '10.0.0.5:80', '[::1]:443'])
    assert.ok(isHostPattern(good), good);
  for (const bad of ['', '*', 'http://a', 'a/b', 'a:0', 'a:70000', 'a b', '*.*.x:', 'a\n'])
    assert.ok(!isHostPattern(bad), bad);
});

test('recipes of the repository run at level bwrap alone, and other branches get no variables of the service', () => {
  const recipes_commit = 'a'.repeat(40);
  const own = job({ recipes_commit, sandbox: 'off' }, { env_from: ['TOKEN'] });
  for (const level of ['reduced', 'none'] as const) {
    const plan = planConfinement(own, level);
    assert.match('refused' in plan ? plan.refused : '', /recipes of the repository run in the sandbox bwrap alone/);
  }
  const there = planConfinement(own, 'bwrap');
  assert.deepEqual('envFrom' in there && there.envFrom, ['TOKEN']);
  const elsewhere = planConfinement({ ...own, branch: 'feature' }, 'bwrap');
  assert.deepEqual('envFrom' in elsewhere && elsewhere.envFrom, []);
  assert.match('notes' in elsewhere ? elsewhere.notes.join() : '', /only jobs of the branch .* get any/);
  assert.deepEqual(
    Object.keys(planConfinement({ ...job({}, {}), branch: 'feature' }, 'none')).includes('refused'),
    false,
  );
});
