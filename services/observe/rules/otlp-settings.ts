import { AppError } from '../../floor/app-error.ts';
import { decodedPart } from '../../floor/text/decoded-part.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Where traces go, by the standard variables of OpenTelemetry. */
export type OtlpSettings = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly delayMs: number;
  /** What is said of this process, `service.name` among it. */
  readonly resource: Readonly<Record<string, string>>;
};

/**
 * Reads OTEL_EXPORTER_OTLP_* and their like (opentelemetry.io, "OTLP Exporter Configuration"); null when no endpoint is
 * named, or traces are switched off. Throws AppError('invalid') for what cannot be done.
 */
export function otlpSettings(env: Env): OtlpSettings | null {
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || null;
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || null;
  const url = own ?? (base === null ? null : `${base.replace(/\/+$/, '')}/v1/traces`);
  const exporter = env['OTEL_TRACES_EXPORTER'] || 'otlp';
  if (url === null || env['OTEL_SDK_DISABLED'] === 'true' || exporter === 'none') return null;
  const name = own === null ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new AppError(
      'invalid',
      `${name} must be an address with http or https; found ${JSON.stringify(own ?? base)}.`,
    );
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL'] || 'http/json';
  if (!/^http\/(json|protobuf)$/.test(protocol))
    throw new AppError('invalid', `OTEL_EXPORTER_OTLP_PROTOCOL must be http/json; found ${JSON.stringify(protocol)}.`);
  return {
    url,
    headers: { ...pairs(env['OTEL_EXPORTER_OTLP_HEADERS']), ...pairs(env['OTEL_EXPORTER_OTLP_TRACES_HEADERS']) },
    timeoutMs: milliseconds(env['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'] ?? env['OTEL_EXPORTER_OTLP_TIMEOUT'], 10_000),
    delayMs: milliseconds(env['OTEL_BSP_SCHEDULE_DELAY'], 5_000),
    resource: {
      'service.name': 'crafting-table',
      ...pairs(env['OTEL_RESOURCE_ATTRIBUTES']),
      ...(env['OTEL_SERVICE_NAME'] ? { 'service.name': env['OTEL_SERVICE_NAME'] } : {}),
    },
  };
}

/** `key=value,key=value`, with values in percent-encoding. */
function pairs(text = ''): Record<string, string> {
  return Object.fromEntries(
    text.split(',').flatMap((one): [string, string][] => {
      const at = one.indexOf('=');
      return at > 0 ? [[one.slice(0, at).trim(), decodedPart(one.slice(at + 1).trim())]] : [];
    }),
  );
}

function milliseconds(text: string | undefined, usual: number): number {
  return text !== undefined && /^[1-9]\d{0,7}$/.test(text) ? Number(text) : usual;
}
