import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

/**
 * The least that can answer over HTTP: a constant. `node bare-server.ts <file with {headers, body}>` prints its URL and
 * ends when standard input does.
 */
const { headers, body } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  headers: Record<string, string>;
  body: string;
};
const server = createServer((_request, response) => {
  response.writeHead(200, headers);
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});
process.stdin.resume().once('end', () => process.exit(0));
