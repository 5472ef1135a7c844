import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from './http.ts';

/** What came in, in order. */
export type Received = {
  readonly headers: IncomingHttpHeaders;
  readonly body: Json;
  readonly text: string;
  readonly path: string;
};

/** What is answered: a status, `hang` for never, `cut` for a connection that breaks, or a whole answer. */
export type ReceiverAnswer =
  | number
  | 'hang'
  | 'cut'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

export type Receiver = Awaited<ReturnType<typeof openReceiver>>;

/** Somebody who listens for webhooks, on a free port; hears everything with 204 unless told otherwise. */
export async function openReceiver(answer: (got: Received, nth: number) => ReceiverAnswer = () => 204) {
  const received: Received[] = [];
  const faults: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const got = {
        headers: request.headers,
        text,
        body: text === '' ? null : JSON.parse(text),
        path: request.url ?? '',
      };
      received.push(got);
      const said = answer(got, received.length);
      if (said === 'hang') return;
      if (said === 'cut') return void request.socket.destroy();
      const { status, headers = {}, body = '' } = typeof said === 'number' ? { status: said } : said;
      response.writeHead(status, headers).end(body);
    });
  });
  server.on('clientError', (error) => faults.push(String(error)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A test that fails before it closes this must not hang.
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    /** What was told, as `<type>@<seq>`. */
    told: () => received.map(({ body }) => `${body.type}@${body.seq}`),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
