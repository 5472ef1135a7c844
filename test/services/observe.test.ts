import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type Log, silent } from '../../services/io/log.ts';
import { metricSeries } from '../../services/observe/metric-series.ts';
import { otlpSettings } from '../../services/observe/rules/otlp-settings.ts';
import { spanIdOf, traceIdOf } from '../../services/observe/rules/trace-ids.ts';
import { withFarm } from '../support/farm.ts';
import type { Json } from '../support/http.ts';
import { until } from '../support/until.ts';
import { enqueue, register } from './api/registered.ts';

/** A log whose lines are kept as they are written. */
function keptLog(): { logger: Log; lines: Json[] } {
  const lines: Json[] = [];
  const keep = ((facts: object, message: string) => void lines.push({ ...facts, message })) as Log['info'];
  return { lines, logger: { ...silent, info: keep, warn: keep, error: keep } };
}

/** A collector of OpenTelemetry, as far as it takes spans. */
async function collector(context: { after(work: () => void): void }) {
  const spans: Json[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    assert.equal(request.url, '/v1/traces');
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    for (const { resource, scopeSpans } of body.resourceSpans)
      spans.push(...scopeSpans.flatMap((one: Json) => one.spans.map((span: Json) => ({ ...span, resource }))));
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

test('a job is counted, told in one line, and sent as a trace of its steps', async (context) => {
  const { url, spans } = await collector(context);
  const { logger, lines } = keptLog();
  await withFarm(
    async (farm) => {
      const { http } = farm;
      await register(farm, 'shop', { commands: { test: 'echo "parent $TRACEPARENT"; exit 3' } });
      const job = await enqueue(farm, 'shop', { recipe: 'test' });
      const line = await until(() => lines.find(({ code }) => code === 'job_ended'));
      assert.deepEqual([line.job_id, line.passed, line.findings, line.recipe], [job.job_id, false, 1, 'test']);
      const { text } = await http.get('/metrics', { bearer: null });
      assert.match(text, /^crafting_job_duration_seconds_count\{recipe="test"\} 1$/m);
      assert.match(text, /^crafting_findings_detected_total\{severity="\w+"\} 1$/m);
      assert.match(text, /^crafting_event_append_duration_seconds_count [1-9]/m);
      assert.match(text, /^crafting_projection_lag_seconds_count [1-9]/m);
      const run = await until(() => spans.find(({ name }) => name === 'run'));
      const whole = await until(() => spans.find(({ name }) => name === 'job test .'));
      await until(() =>
        ['queue wait', 'workspace', 'parse', 'project', 'append'].every((name) =>
          spans.some((one) => one.name === name),
        ),
      );
      assert.equal(whole.traceId, traceIdOf(line.correlation_id));
      assert.deepEqual([run.parentSpanId, run.traceId], [whole.spanId, whole.traceId]);
      assert.equal(whole.status.code, 2);
      const parent = (await http.get(`/jobs/${job.job_id}/log`)).text.match(/00-([0-9a-f]{32})-([0-9a-f]{16})-01/);
      assert.deepEqual([parent?.[1], parent?.[2]], [whole.traceId, spanIdOf(`run ${job.job_id}`)]);
      assert.equal(run.spanId, parent?.[2]);
      const service = run.resource.attributes.find(({ key }: Json) => key === 'service.name');
      assert.equal(service.value.stringValue, 'farm of a test');
    },
    {
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_SERVICE_NAME: 'farm of a test',
        OTEL_BSP_SCHEDULE_DELAY: '50',
      },
      logger,
    },
  );
});

test('a request keeps the id and the trace that it came with, and who shows an unknown bearer is a line', async () => {
  const { logger, lines } = keptLog();
  await withFarm(
    async ({ http }) => {
      const trace = 'a'.repeat(32);
      const headers = { 'x-request-id': 'proxy-7', traceparent: `00-${trace}-${'b'.repeat(16)}-01` };
      const answer = await http.get('/projects?limit=5', { headers });
      assert.equal(answer.headers.get('x-request-id'), 'proxy-7');
      const line = await until(() => lines.find(({ request_id }) => request_id === 'proxy-7'));
      assert.deepEqual([line.code, line.path, line.status, line.trace_id], ['request', '/projects', 200, trace]);
      const odd = await http.get('/projects', { headers: { 'x-request-id': 'a b"' } });
      assert.match(odd.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
      assert.equal((await http.get('/projects', { bearer: 'nobody-at-all' })).status, 401);
      const refused = await until(() => lines.find(({ message }) => message === 'a sign-in was refused'));
      assert.deepEqual([refused.address, refused.path, refused.caller], ['127.0.0.1', '/projects', undefined]);
      assert.ok(!JSON.stringify(lines).includes('nobody-at-all'));
      assert.match((await http.get('/metrics', { bearer: null })).text, /^crafting_sign_in_refused_total 1$/m);
    },
    { env: { CRAFTING_ROLES: 'api,projector', CRAFTING_ACCESS_LOG: '1' }, logger },
  );
});

test('the variables of OpenTelemetry mean what its specification says', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example.org/base/' };
  assert.equal(otlpSettings({}), null);
  assert.equal(otlpSettings({ ...endpoint, OTEL_SDK_DISABLED: 'true' }), null);
  assert.equal(otlpSettings({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }), null);
  assert.equal(otlpSettings(endpoint)?.url, 'https://otel.example.org/base/v1/traces');
  const own = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/x',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=b%20c, d=e',
  };
  assert.deepEqual(otlpSettings({ ...endpoint, ...own })?.headers, { a: 'b c', d: 'e' });
  assert.equal(otlpSettings({ ...endpoint, ...own })?.url, own.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
  const named = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=one,team=x', OTEL_SERVICE_NAME: 'two' };
  assert.deepEqual(otlpSettings({ ...endpoint, ...named })?.resource, { 'service.name': 'two', team: 'x' });
  assert.throws(
    () => otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'otel:4318' }),
    /must be an address with http or https/,
  );
  assert.throws(() => otlpSettings({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }), /must be http\/json/);
});

test('labels from outside are escaped and bounded', () => {
  const series = metricSeries();
  const counter = series.counter('crafting_x_total', 'x');
  counter.add({ tool: 'a"\\\n' });
  for (let at = 0; at < 2_000; at += 1) counter.add({ tool: `tool ${at}` });
  const text = series.text();
  assert.match(text, /^crafting_x_total\{tool="a\\"\\\\\\n"\} 1$/m);
  assert.ok(text.split('\n').length < 510);
  assert.match(text, /^crafting_x_total\{tool="other"\} 1501$/m);
  const histogram = metricSeries();
  histogram.histogram('x_seconds', 'x', [1, 2]).observe(1.5);
  assert.match(
    histogram.text(),
    /x_seconds_bucket\{le="1"\} 0\nx_seconds_bucket\{le="2"\} 1\nx_seconds_bucket\{le="\+Inf"\} 1\nx_seconds_sum 1.5\nx_seconds_count 1/,
  );
});
