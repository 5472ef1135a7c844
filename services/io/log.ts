import { type Logger, pino } from 'pino';

/** Our own log: a static message, facts as fields. */
export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error'>;

export type LogOptions = { readonly level: string; readonly format: 'auto' | 'pretty' | 'json' };

/** Opens the log on standard error, which stays free of it for what commands print. */
export async function openLog({ level, format }: LogOptions): Promise<Logger> {
  const pretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY);
  if (!pretty)
    return pino(
      { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ fd: 2, sync: true }),
    );
  const { default: prettyStream } = await import('pino-pretty');
  return pino(
    { level, base: null },
    prettyStream({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' }),
  );
}

/** A log that says nothing, for tests and tools. */
export const silent: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
