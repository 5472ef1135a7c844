import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { logCodes } from '../../services/floor/log-codes.ts';
import { withFarm } from '../support/farm.ts';
import { inTempDir } from '../support/farm-parts.ts';
import type { Json } from '../support/http.ts';

const folder = resolve(import.meta.dirname, '..', '..', 'docs', 'operate');
const text = (file: string) => readFileSync(join(folder, file), 'utf8');
/** Why a test is left out, or false. */
export const without = (program: string) =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0 && `${program} is not on this machine`;
const ran = (program: string, args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
};

test('the alerts, the dashboard and the page name what /metrics prints, with the labels that it has', () =>
  withFarm(
    async ({ http }) => {
      await http.get('/healthz');
      const printed = (await http.get('/metrics', { bearer: null })).text;
      const labels = new Map<string, Set<string>>();
      for (const [, name = ''] of printed.matchAll(/^# TYPE (\S+)/gm)) labels.set(name, new Set(['job', 'instance']));
      for (const [, name = ''] of printed.matchAll(/^# TYPE (\S+) histogram/gm)) labels.get(name)?.add('le');
      for (const [, name = '', inner = ''] of printed.matchAll(/^(crafting_\w+)\{([^}]*)\}/gm))
        for (const [, label = ''] of inner.matchAll(/(\w+)="/g))
          (labels.get(name) ?? labels.get(name.replace(/_(?:bucket|sum|count)$/, '')))?.add(label);
      const dashboard: Json = JSON.parse(text('grafana-dashboard.json'));
      const rules = [...text('alert-rules.yml').matchAll(/^\s+expr: (.+)$/gm)].map(([, expr = '']) => expr);
      const panels = dashboard.panels.flatMap((panel: Json) => panel.targets.map(({ expr }: Json) => expr as string));
      assert.ok(rules.length >= 14 && panels.length >= 18);
      for (const expr of [...rules, ...panels]) {
        const named = [...expr.matchAll(/crafting_\w+/g)].map(([name]) =>
          labels.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ''),
        );
        for (const name of named) assert.ok(labels.has(name), `${name} of ${expr} is not printed`);
        const known = new Set(named.flatMap((name) => [...(labels.get(name) ?? [])]));
        for (const [, by = ''] of expr.matchAll(/\bby \(([^)]*)\)/g))
          for (const label of by.split(/, */)) assert.ok(known.has(label), `${label} of ${expr} is no label`);
        if (named.length > 0)
          for (const [, label = ''] of expr.matchAll(/[{,] ?(\w+)=~?"/g))
            assert.ok(known.has(label), `${label} of ${expr}`);
      }
      const page = text('monitoring.md');
      for (const name of labels.keys())
        if (name.startsWith('crafting_'))
          assert.ok(page.includes(`\`${name}\``), `monitoring.md does not name ${name}`);
    },
    { env: { CRAFTING_ROLES: 'api,projector,parser' } },
  ));

test('what an alert tells to search for is a code of the log', () => {
  const codes = Object.keys(logCodes);
  for (const [, word = ''] of text('alert-rules.yml').matchAll(/Search the log for (\w+)/g))
    assert.ok(
      codes.some((code) => code.startsWith(word)),
      word,
    );
});

test('Prometheus takes the alerts and what it is to ask', { skip: without('promtool') }, () => {
  assert.match(ran('promtool', ['check', 'rules', join(folder, 'alert-rules.yml')]), /14 rules found/);
  ran('promtool', ['check', 'config', join(folder, 'prometheus.yml')]);
});

test('the alerts ring when they should, and only then', { skip: without('promtool') }, () =>
  inTempDir((dir) => {
    const series = (name: string, values: string) => `      - { series: '${name}', values: '${values}' }`;
    const rings = (alert: string, at: string, labels: string | null) =>
      `      - { alertname: ${alert}, eval_time: ${at}${labels === null ? '' : `, exp_alerts: [{ exp_labels: { ${labels} } }]`} }`;
    const tests = [
      `rule_files: [${join(folder, 'alert-rules.yml')}]`,
      'evaluation_interval: 1m',
      'tests:',
      '  - interval: 1m',
      '    input_series:',
      series('up{job="crafting-table",instance="a"}', '1x10 0x10'),
      series('crafting_role_processes{role="parser"}', '1x5 0x30'),
      series('crafting_role_processes{role="runner"}', '1x40'),
      series('crafting_log_sequence', '5000x30'),
      series('crafting_read_model_sequence', '4999x5 100x30'),
      series('crafting_oldest_queued_job_seconds', '0+240x40'),
      series('crafting_git_fetches_total{result="failed"}', '0x10 0+1x30'),
      series('crafting_sign_in_refused_total', '0x10 0+50x30'),
      '    alert_rule_test:',
      rings('CraftingTableDown', '5m', null),
      rings('CraftingTableRoleMissing', '5m', null),
      rings('CraftingTableRoleMissing', '15m', 'severity: critical, role: parser'),
      rings('CraftingTableReadModelBehind', '25m', 'severity: warning'),
      rings('CraftingTableOldestJob', '10m', null),
      rings('CraftingTableOldestJob', '30m', 'severity: warning'),
      rings('CraftingTableFetchesFail', '10m', null),
      rings('CraftingTableFetchesFail', '35m', 'severity: warning'),
      rings('CraftingTableSignInsRefused', '9m', null),
      rings('CraftingTableSignInsRefused', '20m', 'severity: warning'),
      '',
    ].join('\n');
    const file = join(dir, 'tests.yml');
    // What is told in words is the rules' own.
    const plain = join(dir, 'rules.yml');
    writeFileSync(plain, text('alert-rules.yml').replace(/^ +annotations:\n(?: +(?:summary|todo):.*\n)+/gm, ''));
    writeFileSync(file, tests.replace(join(folder, 'alert-rules.yml'), plain));
    ran('promtool', ['test', 'rules', file]);
    return Promise.resolve();
  }),
);

test(
  'Prometheus finds nothing to say about the names and units of what is printed',
  { skip: without('promtool') },
  () =>
    withFarm(async ({ http }) => {
      const input = (await http.get('/metrics', { bearer: null })).text;
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
      // What the library prints of Node has names of its own.
      const said = `${stdout}${stderr}`
        .split('\n')
        .filter((line) => line.startsWith('crafting_') || /error/.test(line));
      assert.deepEqual(said, [], String(status));
      assert.match(input, /^process_cpu_seconds_total \d/m);
      assert.match(input, /^nodejs_eventloop_lag_p99_seconds \d/m);
    }),
);

test('systemd takes the unit, and finds it well shut in', { skip: without('systemd-analyze') }, () =>
  inTempDir((dir) => {
    const file = join(dir, 'crafting-table.service');
    const unit = text('crafting-table.service');
    assert.match(unit, /^RestartPreventExitStatus=78$/m);
    // The unit names a place of this package that is not on this machine.
    writeFileSync(file, unit.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
    const said = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    assert.doesNotMatch(said.stderr, /crafting-table\.service:\d+|Unknown|Invalid|ignoring/i);
    const score = /exposure level for crafting-table\.service: (\d+\.\d)/.exec(
      spawnSync('systemd-analyze', ['security', '--offline=true', file], { encoding: 'utf8' }).stdout,
    )?.[1];
    // Older ones cannot judge a file; 9.6 is a unit without any of it.
    if (score !== undefined) assert.ok(Number(score) < 5.5, score);
    return Promise.resolve();
  }),
);
