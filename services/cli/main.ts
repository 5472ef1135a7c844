import { loadDotEnv } from '../config.ts';
import { explained, runCommandLine } from './command-line.ts';
import { processCli } from './process-cli.ts';

/** The `.env` of a folder configures a farm that runs there. It does not say where tokens of this user are sent to. */
function loadEnvironment(): void {
  const isClients = (name: string) => name.startsWith('CRAFTING_TABLE_');
  const before = new Set(Object.keys(process.env).filter(isClients));
  loadDotEnv(process.cwd());
  for (const name of Object.keys(process.env)) if (isClients(name) && !before.has(name)) delete process.env[name];
}

/** Ends at once: nothing that a command leaves open may keep it alive; what was printed is written first. */
function finish(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

// A reader that has seen enough, such as head, ends the command quietly.
process.stdout.on('error', () => process.exit(0));
const cli = processCli(process.env);
try {
  loadEnvironment();
  finish(await runCommandLine(process.argv.slice(2), cli));
} catch (error) {
  finish(explained(error, cli));
}
