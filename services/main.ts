import { loadDotEnv, readConfig } from './config.ts';
import { errorCodes, isAppError, messageOf } from './floor/app-error.ts';
import { openLog } from './io/log.ts';
import { settleMemory } from './settle-memory.ts';
import { start } from './start.ts';

/** Runs the service until it is told to stop. Resolves with the exit code. */
export async function serve(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<number> {
  const bootAt = performance.now();
  const config = readConfig(env);
  const logger = await openLog({ level: config.logLevel, format: config.logFormat });
  for (const name of config.unknown)
    logger.warn({ variable: name }, 'not a variable of crafting-table, see .env.example');
  const farm = await start(config, logger);
  // Whoever reads that it is ready may end it at once.
  const asked = stopSignal();
  if (farm.url) {
    say(`crafting-table is at ${farm.url} (ready in ${Math.round(performance.now() - bootAt)} ms)`);
    say(
      `  admin bearer   ${farm.adminBearerFile ?? 'made by another service on this log: see admin-bearer.txt in its data folder'}`,
    );
    // A journal is kept and read by others: there, crafting-table open gives the link.
    if (farm.signInLink && !env['JOURNAL_STREAM'])
      say(`  sign in        ${await farm.signInLink()} (once, within 10 minutes; crafting-table open gives another)`);
    if (/^https?:/.test(farm.url)) say(`  browse the API ${farm.url}/docs`);
    else say('  no address     set CRAFTING_PUBLIC_URL to that of the proxy before it: commands and links need one');
  }
  say(`  roles          ${config.roles.join(', ')}`);
  say(`  the log        ${farm.durability}`);
  say(`  time zone      ${config.digestTimezone}, of schedules that name none and of the digest`);
  if (farm.containment)
    say(`  jobs           ${config.slots} at once, contained by ${farm.containment}, sandbox ${farm.sandbox}`);
  for (const line of switchedOff(config, farm.containment)) say(`  off            ${line}`);
  if (config.roles.includes('digester') && !config.smtp)
    logger.info({}, 'digest disabled — CRAFTING_SMTP_HOST not set');
  settleMemory();
  if ((await asked) === 'SIGTERM' && config.drainSecs > 0) {
    say(`stopping: no more jobs are taken, running ones get ${config.drainSecs} s; a second signal ends them at once`);
    await Promise.race([farm.drain(config.drainSecs * 1000), stopSignal()]);
  }
  say('stopping: running jobs are ended, the log is closed');
  await farm.close();
  return 0;
}

function switchedOff(
  { allowLocalRepos, natsUrl }: ReturnType<typeof readConfig>,
  containment: string | null,
): string[] {
  return [
    ...(allowLocalRepos ? [] : ['git repositories by local path (CRAFTING_ALLOW_LOCAL_REPOS=1 allows them)']),
    ...(containment === 'process-group'
      ? ['sure containment of jobs: neither pid namespaces nor perl work here; a daemon that hides can survive its job']
      : []),
    ...(natsUrl ? ['the embedded log (CRAFTING_NATS_URL is set)'] : []),
  ];
}

function stopSignal(): Promise<'SIGINT' | 'SIGTERM' | 'disconnect'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
    // A start through another process ends with that process: its channel closes.
    process.once('disconnect', () => resolve('disconnect'));
  });
}

/** The service alone, as the images start it. */
async function boot(): Promise<number> {
  try {
    loadDotEnv(process.cwd());
    const rolesAt = process.argv.indexOf('--roles');
    if (rolesAt > 0) process.env['CRAFTING_ROLES'] = process.argv[rolesAt + 1] ?? '';
    return await serve(process.env, (line) => process.stdout.write(`${line}\n`));
  } catch (error) {
    process.stderr.write(`${isAppError(error) ? error.message : `internal error: ${messageOf(error)}`}\n`);
    return isAppError(error) ? errorCodes[error.code].exit : errorCodes.internal.exit;
  }
}

if (import.meta.main) process.exit(await boot());
