import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export type Arrived = {
  readonly to: string[];
  readonly from: string;
  readonly raw: string;
  readonly secure: boolean;
  readonly mail: Email;
};

export type MailServerSettings = {
  /** `starttls` and `implicit` use a certificate that nobody has signed. */
  readonly tls?: 'none' | 'starttls' | 'implicit';
  readonly login?: { user: string; password: string };
  /** What the server says to a recipient, instead of taking it. */
  readonly refuse?: (address: string) => { code: number; words: string } | null;
  /** Resolves when the server may say that it has the mail. */
  readonly beforeAnswer?: () => Promise<void>;
};

export type MailServer = {
  readonly port: number;
  readonly arrived: Arrived[];
  readonly certificate: string;
  close(): Promise<void>;
};

const refused = ({ code, words }: { code: number; words: string }) =>
  Object.assign(new Error(words), { responseCode: code });

/** A real SMTP server on a free port of this machine; what arrives is parsed by a mail parser. */
export async function openMailServer(settings: MailServerSettings = {}): Promise<MailServer> {
  const { tls = 'none', login, refuse, beforeAnswer } = settings;
  const pair = tls === 'none' ? null : selfSigned();
  const arrived: Arrived[] = [];
  const server = new SMTPServer({
    secure: tls === 'implicit',
    ...(pair ?? {}),
    disabledCommands: [...(tls === 'none' ? ['STARTTLS' as const] : []), ...(login ? [] : ['AUTH' as const])],
    authOptional: !login,
    disableReverseLookup: true,
    closeTimeout: 200,
    onAuth: ({ username, password }, _session, callback) =>
      username === login?.user && password === login?.password
        ? callback(null, { user: username })
        : callback(refused({ code: 535, words: `no such login as ${username} with ${password}` })),
    onRcptTo: ({ address }, _session, callback) => {
      const refusal = refuse?.(address);
      callback(refusal ? refused(refusal) : null);
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom ? mailFrom.address : '';
        const to = rcptTo.map(({ address }) => address);
        arrived.push({ to, from, raw, secure: session.secure, mail: await PostalMime.parse(raw) });
        await beforeAnswer?.();
        callback();
      });
    },
  });
  server.on('error', () => {});
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  // A test that fails before it closes this must not hang.
  if (server.server instanceof Server) server.server.unref();
  const address = server.server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    arrived,
    certificate: pair?.cert ?? '',
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}

function selfSigned(): { key: string; cert: string } {
  const dir = mkdtempSync(join(tmpdir(), 'ct-cert-'));
  try {
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
    execFileSync(
      'openssl',
      [...words, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert],
      {
        stdio: 'ignore',
      },
    );
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(dir, { recursive: true });
  }
}
