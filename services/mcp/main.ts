import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { isAppError, messageOf } from '../floor/app-error.ts';
import { version } from '../floor/version.ts';
import { httpCall } from './http-call.ts';
import { mcpServer } from './mcp-server.ts';
import { addressIn, bearerIn, optionsIn } from './stdio-settings.ts';
import { shown } from './untrusted-text.ts';

const help = `Usage: crafting-table-mcp

Serves the tools of a crafting-table farm to an MCP client, over standard input and output.

  CRAFTING_TABLE_BASE_URL    address of the farm (default http://127.0.0.1:8810)
  CRAFTING_TABLE_TOKEN       bearer (ct_…), minted by an administrator
  CRAFTING_TABLE_TOKEN_FILE  file that holds the bearer, in place of CRAFTING_TABLE_TOKEN

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
  else serve(env);
}

function serve(env: NodeJS.ProcessEnv): void {
  const bearer = bearerIn(env);
  if (bearer === null) say('CRAFTING_TABLE_TOKEN is not set: the farm will refuse every call.');
  const call = httpCall(addressIn(env), bearer);
  const onTrouble = (error: unknown) => say(shown(messageOf(error), 500));
  serveStdio(() => mcpServer({ call, onTrouble }), { onerror: onTrouble });
  // What a call has under way is of no use to anyone once the client is gone.
  process.stdin.once('end', () => process.exit(0));
  process.stdin.once('close', () => process.exit(0));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(0));
}

/** Standard output belongs to the protocol. */
function say(sentence: string): void {
  process.stderr.write(`crafting-table-mcp: ${sentence}\n`);
}
