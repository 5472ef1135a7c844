import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Agents } from '../../../../events/projects/project.ts';
import { manifestDigest } from '../../../../services/bottles/manifest-digest.ts';
import { agentNames, resolveManifest } from '../../../../services/bottles/rules/resolve-manifest.ts';
import { agentFaults } from '../../../../services/projects/rules/agent-faults.ts';

const resolve = (name: string, agents: Agents) => resolveManifest(name, agents, { watchdogSecs: 1800 });

test('a manifest takes what it does not say from what it extends; prompts are joined, hosts and labels added up', () => {
  const agents: Agents = {
    base: {
      prompt: 'Be careful.',
      hosts: ['b.example.org'],
      needs: ['go'],
      time_limit_secs: 60,
      cutoff: 'kill',
      models: ['gpt-5*'],
    },
    fixer: {
      extends: 'base',
      provider: 'codex',
      program: 'codex',
      prompt: 'Be short.',
      hosts: ['a.example.org'],
      cutoff: 'freeze',
    },
  };
  assert.deepEqual(resolve('fixer', agents), {
    ...{ name: 'fixer', chain: ['fixer', 'base'], provider: 'codex', program: 'codex', model: null },
    ...{
      prompt: 'Be careful.\n\nBe short.',
      gateway: ['openai'],
      hosts: ['a.example.org', 'b.example.org'],
      needs: ['go'],
    },
    models: ['gpt-5*'],
    ...{ time_limit_secs: 60, watchdog_secs: 1800, cutoff: 'freeze', budget: null },
  });
});

test('a manifest of the name of one that every farm has may extend that one', () => {
  const own = resolve('claude', { claude: { extends: 'claude', model: 'claude-opus-4-5' } });
  assert.deepEqual(
    [own.chain, own.program, own.model, own.gateway],
    [['claude', 'claude'], 'claude', 'claude-opus-4-5', ['anthropic']],
  );
  assert.deepEqual(agentNames({ fixer: {} }), ['claude', 'codex', 'fixer']);
});

test('circles, names that are none, and a manifest without a program are refused in words', () => {
  assert.throws(
    () => resolve('a', { a: { extends: 'b' }, b: { extends: 'a' } }),
    /The agent a extends itself: a, b, a/,
  );
  assert.throws(
    () => resolve('a', { a: { extends: 'nobody' } }),
    /no agent nobody; there are a, claude, codex, generic/,
  );
  assert.throws(() => resolve('a', { a: { prompt: 'x' } }), /names no program/);
  const long = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`m${at}`, { extends: `m${at + 1}` }]));
  assert.throws(() => resolve('m0', long), /extends more than 7 others/);
});

test('equal manifests have one digest, whatever the order of their fields', () => {
  const one = resolve('claude', {});
  const other = Object.fromEntries(Object.entries(one).reverse()) as typeof one;
  assert.equal(manifestDigest(one), manifestDigest(other));
  assert.notEqual(manifestDigest(one), manifestDigest({ ...one, model: 'other' }));
});

test('a document is told of agents that extend each other in a circle, and not of one that is there to be extended', () => {
  const faults = agentFaults({ agents: { a: { extends: 'b' }, b: { extends: 'a' } } });
  assert.deepEqual(
    faults.map(({ path, message }) => [path, /extends itself/.test(message)]),
    [
      ['/body/agents/a', true],
      ['/body/agents/b', true],
    ],
  );
  assert.deepEqual(agentFaults({ agents: { base: { prompt: 'x' }, a: { extends: 'base', program: 'true' } } }), []);
});
