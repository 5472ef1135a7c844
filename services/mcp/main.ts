import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { isAppError, messageOf } from '../floor/app-error.ts';
import { version } from '../floor/version.ts';
import { shown } from './answers/untrusted-text.ts';
import { toolsets } from './define.ts';
import { farmClient } from './farm-client.ts';
import { httpCall } from './http-call.ts';
import { mcpServer } from './mcp-server.ts';
import type { Offer } from './offer.ts';
import { watchedBy, watchResources } from './resources/watch-resources.ts';
import { addressIn, bearerIn, offerIn, optionsIn } from './stdio-settings.ts';

const help = `Usage: crafting-table-mcp [--toolsets=NAMES] [--read-only]

Serves the tools of a crafting-table farm to an MCP client, over standard input and output.

  CRAFTING_TABLE_BASE_URL    address of the farm (default http://127.0.0.1:8810)
  CRAFTING_TABLE_TOKEN       bearer (ct_…), minted by an administrator
  CRAFTING_TABLE_TOKEN_FILE  file that holds the bearer, in place of CRAFTING_TABLE_TOKEN
  CRAFTING_TABLE_TOOLSETS    as --toolsets
  CRAFTING_TABLE_READ_ONLY   as --read-only: true or false

  --toolsets     ${Object.keys(toolsets).join(', ')}, all, default (all but insight and manage);
                 several with commas between them
  --read-only    only tools that change nothing
  -h, --help     show this
  -V, --version  show the version

A client is told of it like this (tokens belong into the environment, never into arguments):
  {"mcpServers": {"crafting-table": {"command": "crafting-table-mcp",
    "env": {"CRAFTING_TABLE_BASE_URL": "http://127.0.0.1:8810", "CRAFTING_TABLE_TOKEN_FILE": "/home/me/.ct-token"}}}}
`;

// What the folder holds in which a client starts this is not trusted: .env is not read.
try {
  main(process.argv.slice(2), process.env);
} catch (error) {
  say(isAppError(error) ? error.message : `internal error: ${messageOf(error)}`);
  process.exitCode = 1;
}

function main(args: string[], env: NodeJS.ProcessEnv): void {
  const options = optionsIn(args);
  if (options.help) process.stdout.write(help);
  else if (options.version) process.stdout.write(`${version}\n`);
  else serve(env, offerIn(options, env));
}

function serve(env: NodeJS.ProcessEnv, offer: Offer): void {
  const bearer = bearerIn(env);
  if (bearer === null) say('CRAFTING_TABLE_TOKEN is not set: the farm will refuse every call.');
  const call = httpCall(addressIn(env), bearer);
  const onTrouble = (error: unknown) => say(shown(messageOf(error), 500));
  let server: ReturnType<typeof mcpServer> | undefined;
  const open = () => {
    server = mcpServer({ call, offer, onTrouble });
    return server;
  };
  const client = farmClient(call, new AbortController().signal);
  const watch = watchResources({ client, onChange: (uri) => server?.sendResourceUpdated({ uri }) });
  const transport = heardBy(new StdioServerTransport(), async (message) => {
    await Promise.all(watchedBy(message).map((uri) => watch.add(uri)));
  });
  serveStdio(open, { transport, onerror: onTrouble });
  // What a call has under way is of no use to anyone once the client is gone.
  process.stdin.once('end', () => process.exit(0));
  process.stdin.once('close', () => process.exit(0));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(0));
}

/** Tells of every message that comes, before it is answered: who listens is known to the protocol's library alone. */
function heardBy(transport: StdioServerTransport, hear: (message: unknown) => Promise<void>): StdioServerTransport {
  const start = transport.start.bind(transport);
  transport.start = () => {
    const answer = transport.onmessage;
    transport.onmessage = (message, ...rest) => {
      if (watchedBy(message).length === 0) answer?.(message, ...rest);
      else void hear(message).then(() => answer?.(message, ...rest));
    };
    return start();
  };
  return transport;
}

/** Standard output belongs to the protocol. */
function say(sentence: string): void {
  process.stderr.write(`crafting-table-mcp: ${sentence}\n`);
}
