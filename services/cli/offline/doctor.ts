import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { tools as allTools, toolNamed } from '../../../parsers/tools/registry.ts';
import { suggestedCommands } from '../../../recipes/detection/detect.ts';
import { machineTools, toolOnPath } from '../../../recipes/detection/tools.ts';
import { walk } from '../../../recipes/detection/walk.ts';
import { type AskedVersion, askedLine, askedVersions, judgedPins } from '../../../recipes/toolchains/asked-versions.ts';
import { toolchainVerdicts } from '../../../recipes/toolchains/verdict.ts';
import { withBundledTools } from '../../bundled-tools.ts';
import { readConfig } from '../../config.ts';
import { ownStore } from '../../dependencies/own-store.ts';
import { isAppError, messageOf } from '../../floor/app-error.ts';
import { childEnvironment } from '../../floor/child-environment.ts';
import { systemClock } from '../../floor/clock.ts';
import { type DiskForecast, forecastWords } from '../../floor/disk-forecast.ts';
import { levelMeaning } from '../../floor/sandbox-level.ts';
import { printable } from '../../floor/text/printable.ts';
import { version } from '../../floor/version.ts';
import { isLocked } from '../../io/files/file-lock.ts';
import { serverLevel } from '../../io/nats/make-streams.ts';
import { jobGroups } from '../../io/process/job-groups.ts';
import { openProcesses } from '../../io/process/open-processes.ts';
import { probeContainment } from '../../io/process/probe-containment.ts';
import { runProgram } from '../../io/programs/run-program.ts';
import { openSandbox } from '../../io/sandbox/open-sandbox.ts';
import { writerLock } from '../../projector/commit-mark.ts';
import { readState } from '../../projector/host-state.ts';
import { toolchainLabels } from '../../toolchain-labels.ts';
import { plainTable } from '../print/fit-table.ts';
import type { ShownSource } from '../print/recipe-source-words.ts';
import { forgeCheck } from './forge-check.ts';
import { localService } from './local-service.ts';
import { matrixCells, toolchainMatrix } from './toolchain-matrix.ts';

type Check = { readonly what: string; readonly ok: boolean; readonly detail: string };

/** Says what this machine gives the farm. Exit code 1 when something that the farm cannot do without is missing. */
export async function doctor(
  env: NodeJS.ProcessEnv,
  { json }: { json: boolean },
  print: (line: string) => void,
): Promise<number> {
  const checks = [
    await configuration(env),
    node(),
    await git(env),
    await natsServer(env),
    await containment(),
    await controlGroups(),
    await sandbox(env),
    projector(env),
    ...(await forgeCheck(env)),
    ...(await disk(env)),
    ...(await kept(env)),
    ...(await recipeSets(env)),
    memory(),
    timeZone(env),
  ];
  const tools = await toolchains(withBundledTools(env));
  const labels = [...labelsIn(env), ...(await toolchainLabels(withBundledTools(env)))];
  const matrix = await toolchainMatrix(withBundledTools(env));
  const asked = await askedHere(process.cwd(), withBundledTools(env));
  const ok = checks.every((check) => check.ok);
  if (json) {
    print(JSON.stringify({ ok, version, checks, labels, tools, toolchains: matrix, asked }));
    return ok ? 0 : 1;
  }
  print(`crafting-table ${version}`);
  for (const { what, ok: good, detail } of checks)
    print(`  ${good ? 'ok     ' : 'MISSING'} ${what.padEnd(14)} ${detail}`);
  print(`  labels  ${labels.join(', ') || 'none'}: what jobs may ask of this runner by "needs"`);
  print('');
  print(
    plainTable(
      ['language', 'installed', 'not installed'],
      tools.map(({ language, installed, missing }) => [language, installed.join(', '), missing.join(', ')]),
      [12, 48, 60],
    ),
  );
  const ways = [...new Set(tools.flatMap(({ missing }) => missing))].sort().flatMap(installLine);
  if (ways.length > 0) print(['', 'How to install what is missing:', ...ways].join('\n'));
  print('');
  print(plainTable(['toolchain', 'version', 'missing', 'in the images'], matrix.map(matrixCells), [12, 48, 40, 20]));
  if (asked.length > 0)
    print(['', 'What the checkout here asks for:', ...asked.map((one) => printable(`  ${askedLine(one)}`))].join('\n'));
  return ok ? 0 : 1;
}

/** The versions that the checkout asks for in which somebody stands; none where that is no checkout. */
async function askedHere(cwd: string, env: NodeJS.ProcessEnv): Promise<AskedVersion[]> {
  if (!existsSync(join(cwd, '.git'))) return [];
  const { tree } = await walk(cwd);
  const judged = await judgedPins(tree, toolchainVerdicts(env));
  return askedVersions(
    judged,
    judged.map(({ pin }) => pin.folder),
  );
}

async function configuration(env: NodeJS.ProcessEnv): Promise<Check> {
  try {
    const { dataDir, unknown } = readConfig(env);
    const detail =
      unknown.length > 0 ? `${unknown.join(', ')} is not a variable of crafting-table` : `data in ${dataDir}`;
    return { what: 'configuration', ok: unknown.length === 0, detail };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { what: 'configuration', ok: false, detail: error.message };
  }
}

/** Who writes the read models of this host, as it said last. */
function projector(env: NodeJS.ProcessEnv): Check {
  const what = 'read models';
  try {
    const { dataDir } = readConfig(env);
    const state = readState(dataDir);
    if (!state) return { what, ok: true, detail: 'none were made here yet' };
    const { pid, standsIn, stopped, snapshot } = state;
    const who = isLocked(writerLock(dataDir))
      ? `process ${pid} writes them${standsIn ? ', standing in for a process with the role projector' : ''}`
      : 'nobody writes them at the moment';
    const last = snapshot ? `; last snapshot at event ${snapshot.seq}, ${new Date(snapshot.at).toISOString()}` : '';
    return { what, ok: stopped === null, detail: `${who}${last}${stopped === null ? '' : `; stopped: ${stopped}`}` };
  } catch (error) {
    return { what, ok: false, detail: messageOf(error) };
  }
}

function labelsIn(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    return readConfig(env).labels;
  } catch {
    return [];
  }
}

function node(): Check {
  return { what: 'node', ok: Number(process.versions.node.split('.')[0]) >= 24, detail: process.versions.node };
}

async function git(env: NodeJS.ProcessEnv): Promise<Check> {
  const found = await versionOf(toolOnPath('git', env), ['--version']);
  return { what: 'git', ok: found !== null, detail: found ?? 'install git' };
}

async function natsServer(env: NodeJS.ProcessEnv): Promise<Check> {
  if (env['CRAFTING_NATS_URL'])
    return {
      what: 'nats-server',
      ok: true,
      detail: 'external (CRAFTING_NATS_URL); whether it syncs each append cannot be seen from here',
    };
  const found = await versionOf(toolOnPath(env['CRAFTING_NATS_SERVER'] ?? 'nats-server', env), ['--version']);
  if (!found) return { what: 'nats-server', ok: false, detail: 'install nats-server 2.9 or newer' };
  const level = serverLevel(/\d+\.\d+/.exec(found)?.[0] ?? '0.0');
  return {
    what: 'nats-server',
    ok: level >= 2009,
    detail: `${found}; embedded: each acknowledged event is synced by us`,
  };
}

async function containment(): Promise<Check> {
  const level = await probeContainment();
  const meaning = {
    'pid-namespace': 'nothing survives a job, whoever dies first',
    subreaper: 'nothing survives a job unless it kills its keeper and the launcher',
    'process-group': 'a daemon that hides can survive its job',
  }[level];
  return { what: 'containment', ok: level !== 'process-group', detail: `${level}: ${meaning}` };
}

/** What the kernel holds a job to, and what to do where it holds it to nothing. */
async function controlGroups(): Promise<Check> {
  const what = 'control groups';
  const held = await jobGroups();
  const detail =
    held.length > 0
      ? `the kernel holds each job to its limits of ${held.join(' and ')}`
      : 'none for jobs, whose memory and processes are looked at four times a second: ' +
        'start as root, or in a systemd unit with Delegate=cpu io memory pids';
  return { what, ok: true, detail };
}

/** What is kept of installs; nothing where the configuration cannot be read. */
async function kept(env: NodeJS.ProcessEnv): Promise<Check[]> {
  try {
    const config = readConfig(env);
    const { installCacheBytes: mostBytes } = config;
    const what = 'install cache';
    if (mostBytes === 0) return [{ what, ok: true, detail: 'off: every job installs (CRAFTING_INSTALL_CACHE_MB)' }];
    const store = ownStore(config, () => systemClock.now());
    const all = await store.list();
    const { hits, misses, damaged } = await store.counts();
    const size = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
    const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
    const detail = `${all.length} kept, ${size(bytes)} of ${size(mostBytes)}; ${hits} hits, ${misses} misses, ${damaged} damaged`;
    return [{ what, ok: true, detail }];
  } catch {
    return [];
  }
}

/** How far projects are from the recipe sets that they take, as the service on the data folder says; nothing where none runs. */
export async function recipeSets(env: NodeJS.ProcessEnv): Promise<Check[]> {
  const what = 'recipe sets';
  try {
    const api = await localService(readConfig(env).dataDir);
    const { sources } = await api.get<{ sources: Pick<ShownSource, 'id' | 'drift' | 'waits'>[] }>('/recipe-sources');
    if (sources.length === 0) return [];
    const behind = sources.filter(({ drift }) => drift !== 'none');
    if (behind.length === 0) return [{ what, ok: true, detail: `${sources.length}, and every project has the newest` }];
    return behind.map(({ id, drift, waits }) => {
      const detail = printable(`${id}: ${drift.replaceAll('_', ' ')}${waits === null ? '' : `, ${waits}`}`);
      return { what, ok: drift !== 'refused' && drift !== 'unreadable', detail };
    });
  } catch {
    return [];
  }
}

/** What the service would find at its start, with folders of its configuration. */
async function sandbox(env: NodeJS.ProcessEnv): Promise<Check> {
  const processes = await openProcesses();
  try {
    const { sandbox: want, cacheDir, dataDir, workspaceDir: work, sandboxShow: show } = readConfig(env);
    const tools = { PATH: withBundledTools(env)['PATH'] ?? '' };
    const found = await openSandbox({ want, processes, env: tools, cacheDir, own: [dataDir, work], show });
    await found.close();
    const hint =
      found.level === 'bwrap' || want !== 'auto' ? '' : '; install bubblewrap and allow user namespaces for more';
    return {
      what: 'sandbox',
      ok: want !== 'auto' || found.level !== 'none',
      detail: `${found.level}: ${levelMeaning[found.level]}${hint}${userOf(found.hasOwnUser)}`,
    };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { what: 'sandbox', ok: false, detail: error.message };
  } finally {
    await processes.close();
  }
}

/** What a job is to the machine, where that is worth a word. */
function userOf(hasOwnUser: boolean): string {
  if (process.getuid?.() !== 0) return '';
  return hasOwnUser ? '; each job has a user of its own, which is not root' : '';
}

async function disk(env: NodeJS.ProcessEnv): Promise<Check[]> {
  let dir: string;
  try {
    dir = readConfig(env).dataDir;
  } catch {
    return [];
  }
  while (!existsSync(dir)) dir = dirname(dir);
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  const lasts = await foretold(dir);
  return [{ what: 'disk', ok: free > 1e9, detail: `${gib(free)} free at ${dir}${lasts === null ? '' : `; ${lasts}`}` }];
}

/** How long the room lasts, as the service that runs on the folder says; null where none does. */
async function foretold(dir: string): Promise<string | null> {
  try {
    const api = await localService(dir);
    const { disk: said } = await api.get<{ disk: { forecast: DiskForecast | null } | null }>('/status');
    return said === null ? null : forecastWords(said.forecast);
  } catch {
    return null;
  }
}

function timeZone(env: NodeJS.ProcessEnv): Check {
  const what = 'time zone';
  try {
    const { digestTimezone, digestTime } = readConfig(env);
    const now = new Date(systemClock.now()).toLocaleString('sv', { timeZone: digestTimezone });
    const detail = `${digestTimezone}, where it is ${now}: of schedules that name none, and of the digest at ${digestTime}`;
    return { what, ok: true, detail };
  } catch (error) {
    return { what, ok: false, detail: messageOf(error) };
  }
}

function memory(): Check {
  return {
    what: 'machine',
    ok: true,
    detail: `${availableParallelism()} cores, ${gib(freemem())} of ${gib(totalmem())} memory free`,
  };
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

async function versionOf(program: string | undefined, args: string[]): Promise<string | null> {
  if (!program) return null;
  try {
    const { stdout, stderr } = await runProgram(program, args, {
      timeoutMs: 5_000,
      env: childEnvironment(process.env),
    });
    return (stdout || stderr).split('\n')[0]?.trim() ?? '';
  } catch {
    return null;
  }
}

/** As the card of the tool says it; nothing for programs that are no tools, such as make. */
function installLine(program: string): string[] {
  const tool = toolNamed(program) ?? allTools.find(({ programs }) => programs.includes(program));
  return tool ? [`  ${program.padEnd(18)} ${tool.install}`] : [];
}

async function toolchains(env: NodeJS.ProcessEnv) {
  const has = machineTools(env);
  const byLanguage = new Map<string, Set<string>>();
  for (const { language, tool } of suggestedCommands())
    byLanguage.set(language, (byLanguage.get(language) ?? new Set()).add(tool));
  return Promise.all(
    [...byLanguage].map(async ([language, tools]) => {
      const found = await Promise.all([...tools].map(async (tool) => [tool, await has(tool)] as const));
      const named = (wanted: boolean) => found.filter(([, there]) => there === wanted).map(([tool]) => tool);
      return { language, installed: named(true), missing: named(false) };
    }),
  );
}
