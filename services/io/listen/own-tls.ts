import { readFileSync } from 'node:fs';
import type { RequestListener, ServerOptions } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { Log } from '../log.ts';

/** Files with a certificate (its chain below it) and its key, in PEM. */
type TlsFiles = { readonly cert: string; readonly key: string };

const lookMs = 60_000;

/** Makes servers that speak TLS, and take a renewed certificate without a restart. Throws AppError('misconfigured'). */
export function tlsServer(files: TlsFiles, logger: Log): (handler: RequestListener, options: ServerOptions) => Server {
  const read = () => ({ cert: pem(files.cert, 'CRAFTING_TLS_CERT'), key: pem(files.key, 'CRAFTING_TLS_KEY') });
  let taken = checked(read());
  return (handler, options) => {
    const server = createServer({ ...options, ...taken, minVersion: 'TLSv1.2' }, handler);
    const look = () => {
      try {
        const now = read();
        if (now.cert === taken.cert && now.key === taken.key) return;
        server.setSecureContext(checked(now));
        taken = now;
        logger.info({ code: 'certificate_renewed' }, 'a renewed certificate is in use');
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'a renewed certificate cannot be used');
      }
    };
    const timer = setInterval(look, lookMs);
    timer.unref();
    server.once('close', () => clearInterval(timer));
    return server;
  };
}

function pem(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError('misconfigured', `${name} ${path} cannot be read: ${messageOf(cause)}.`, { cause });
  }
}

function checked(pair: { cert: string; key: string }) {
  try {
    createSecureContext(pair);
    return pair;
  } catch (cause) {
    throw new AppError(
      'misconfigured',
      `CRAFTING_TLS_CERT and CRAFTING_TLS_KEY do not go together: ${messageOf(cause)}.`,
      {
        cause,
      },
    );
  }
}
