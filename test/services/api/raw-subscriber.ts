import { createPrivateKey, sign } from 'node:crypto';
import { connect } from 'node:net';
import { until } from '../../support/until.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** What stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Signs with a seed of NATS: two bytes of prefix, the key, two bytes of checksum, in base32. */
function signature(seed: string, nonce: string): string {
  const bits = [...seed].map((char) => alphabet.indexOf(char).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, bytes.subarray(2, 34)]), format: 'der', type: 'pkcs8' });
  return sign(null, Buffer.from(nonce), key).toString('base64url');
}

export type RawMessage = { readonly reply: string; readonly headers: string; readonly payload: string };

type Login = { readonly url: string; readonly seed: string; readonly public_key: string };

/** A subscriber without any library: a socket, and what is said on it. */
export async function openRaw({ url, seed, public_key }: Login) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let said = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    said += text;
  });
  const info = await until(() => /^INFO (\{.*\})\s*\r\n/.exec(said)?.[1]);
  const login = {
    verbose: false,
    pedantic: false,
    lang: 'raw',
    version: '0',
    headers: true,
    no_responders: true,
    nkey: public_key,
    sig: signature(seed, JSON.parse(info).nonce),
  };
  socket.write(`CONNECT ${JSON.stringify(login)}\r\nPING\r\n`);
  await until(() => said.includes('PONG\r\n') || said.includes('-ERR'));
  return {
    /** Everything the server has said. */
    said: () => said,
    say: (lines: string) => socket.write(lines),
    /** Asks for messages and answers those that came. */
    take: async (next: string, count: number): Promise<RawMessage[]> => {
      const from = said.length;
      const ask = JSON.stringify({ batch: count, expires: 5_000_000_000 });
      socket.write(`SUB _INBOX.raw 1\r\nPUB ${next} _INBOX.raw ${ask.length}\r\n${ask}\r\n`);
      return until(() => {
        const found = messagesIn(said.slice(from));
        return found.length >= count ? found : null;
      });
    },
    ack: (reply: string) => socket.write(`PUB ${reply} 4\r\n+ACK\r\n`),
    close: () => socket.destroy(),
  };
}

/** `HMSG <subject> <sid> <reply> <bytes of headers> <bytes in all>`, then those bytes. */
function messagesIn(text: string): RawMessage[] {
  const found: RawMessage[] = [];
  for (const match of text.matchAll(/HMSG \S+ 1 (\S+) (\d+) (\d+)\r\n/g)) {
    const [line, reply = '', ofHeaders, inAll] = match;
    const at = match.index + line.length;
    const [head, end] = [at + Number(ofHeaders), at + Number(inAll)];
    if (text.length >= end) found.push({ reply, headers: text.slice(at, head), payload: text.slice(head, end) });
  }
  return found;
}
