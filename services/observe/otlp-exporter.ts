import { messageOf } from '../floor/app-error.ts';
import { version } from '../floor/version.ts';
import type { Log } from '../io/log.ts';
import type { Span } from './rules/event-spans.ts';
import type { OtlpSettings } from './rules/otlp-settings.ts';

type SpanExporter = {
  /** Takes a span; above what is kept for a collector that does not answer, it is lost and counted. */
  add(span: Span): void;
  /** Sends what is left, once. */
  stop(): Promise<void>;
};

const mostKept = 4_096;
const mostAtOnce = 512;
/** Answers after which a collector wants the same again later (OTLP 1.x, "Retryable Response Codes"). */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Sends spans to a collector by OTLP over HTTP, as JSON. A collector that is gone holds up nothing. */
export function openExporter(settings: OtlpSettings, logger: Log): SpanExporter {
  let kept: Span[] = [];
  let lost = 0;
  let isDown = false;
  let sending: Promise<void> | null = null;
  const trouble = (error: unknown) => {
    if (!isDown) logger.warn({ error: messageOf(error) }, 'a collector of traces does not take spans');
    isDown = true;
  };
  const send = async () => {
    while (kept.length > 0) {
      const batch = kept.slice(0, mostAtOnce);
      try {
        const status = await post(batch, settings);
        if (retryable.has(status)) return trouble(new Error(`HTTP ${status}`));
        if (status >= 400) trouble(new Error(`HTTP ${status}, ${batch.length} spans are lost`));
        else isDown = false;
        kept = kept.slice(batch.length);
      } catch (error) {
        return trouble(error);
      }
    }
    if (lost > 0) logger.warn({ lost }, 'spans were lost while the collector did not answer');
    lost = 0;
  };
  const flush = () => {
    sending ??= send().finally(() => {
      sending = null;
    });
    return sending;
  };
  const timer = setInterval(flush, settings.delayMs);
  timer.unref();
  return {
    add: (span) => {
      if (kept.length >= mostKept) lost += 1;
      else kept.push(span);
    },
    stop: async () => {
      clearInterval(timer);
      await sending;
      await flush();
    },
  };
}

async function post(spans: readonly Span[], { url, headers, timeoutMs, resource }: OtlpSettings): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'user-agent': `crafting-table/${version}` },
    body: JSON.stringify(requestOf(spans, resource)),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.arrayBuffer();
  return response.status;
}

/** ExportTraceServiceRequest in its JSON form: ids in hexadecimal, times as text. */
function requestOf(spans: readonly Span[], resource: OtlpSettings['resource']) {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf({ ...resource, 'service.version': version }) },
        scopeSpans: [{ scope: { name: 'crafting-table', version }, spans: spans.map(spanOf) }],
      },
    ],
  };
}

function spanOf({ traceId, spanId, parentSpanId, name, from, to, attributes, failed }: Span) {
  return {
    traceId,
    spanId,
    ...(parentSpanId === null ? {} : { parentSpanId }),
    name,
    kind: 1,
    startTimeUnixNano: nanoseconds(from),
    endTimeUnixNano: nanoseconds(to),
    attributes: attributesOf(attributes),
    status: failed ? { code: 2 } : {},
  };
}

function nanoseconds(ms: number): string {
  return `${BigInt(Math.round(ms * 1000)) * 1000n}`;
}

function attributesOf(values: Span['attributes']) {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value:
      typeof value === 'boolean'
        ? { boolValue: value }
        : typeof value === 'number'
          ? { intValue: String(Math.round(value)) }
          : { stringValue: value },
  }));
}
