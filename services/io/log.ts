import { type Logger, type LoggerOptions, pino } from 'pino';
import { logCodeOf } from '../floor/log-codes.ts';

/** Our own log: a static message, facts as fields. */
export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error'>;

type LogOptions = { readonly level: string; readonly format: 'auto' | 'pretty' | 'json' };

/** Warnings and errors carry the code that an operator can search for. */
const coded: NonNullable<LoggerOptions['hooks']> = {
  logMethod(args, method, level) {
    const [facts, message] = args as unknown as [unknown, unknown];
    const code = level >= 40 && typeof message === 'string' ? logCodeOf(message) : undefined;
    if (code !== undefined && typeof facts === 'object' && facts !== null) (args as unknown[])[0] = { code, ...facts };
    method.apply(this, args);
  },
};

/** Opens the log on standard error, which stays free of it for what commands print. */
export async function openLog({ level, format }: LogOptions): Promise<Logger> {
  const pretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY);
  if (!pretty)
    return pino(
      { level, base: null, hooks: coded, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ fd: 2, sync: true }),
    );
  const { default: prettyStream } = await import('pino-pretty');
  return pino(
    { level, base: null, hooks: coded },
    prettyStream({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' }),
  );
}

/** A log that says nothing, for tests and tools. */
export const silent: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
