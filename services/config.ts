import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { loadEnvFile } from 'node:process';
import type { Network } from '../events/projects/project.ts';
import type { Role, Variable } from './config-kinds.ts';
import { variables } from './config-variables.ts';
import { readPrices } from './egress/providers/price-file.ts';
import { readProviderFile } from './egress/providers/provider-file.ts';
import { providersOf } from './egress/providers/provider-list.ts';
import { AppError, messageOf } from './floor/app-error.ts';
import type { CidrSet } from './floor/cidr.ts';
import { readForgeFile } from './forge-file.ts';
import { listenPlace } from './io/listen/listen-place.ts';
import { otlpSettings } from './observe/rules/otlp-settings.ts';

type Values = { [Name in keyof typeof variables]: (typeof variables)[Name] extends Variable<infer T> ? T | '' : never };

function readVariable<T>(
  name: string,
  { read, expects, fallback }: Variable<T>,
  env: NodeJS.ProcessEnv,
  wrong: string[],
): T | '' {
  const found = env[name]?.trim() || fallback;
  if (found === '') return '';
  const value = read(found);
  if (value !== undefined) return value;
  const shown = /TOKEN|PASS|KEY|CREDS|URL/.test(name) ? 'something else' : JSON.stringify(found);
  wrong.push(`${name} must be ${expects}; found ${shown}.`);
  return '';
}

/** What is good for nothing alone; both orders, since either may be forgotten. */
const inPairs = [
  ['CRAFTING_NATS_TLS_CERT', 'CRAFTING_NATS_TLS_KEY'],
  ['CRAFTING_NATS_TLS_KEY', 'CRAFTING_NATS_TLS_CERT'],
  ['CRAFTING_TLS_CERT', 'CRAFTING_TLS_KEY'],
  ['CRAFTING_TLS_KEY', 'CRAFTING_TLS_CERT'],
] as const;

/** The whole configuration, read once and frozen. Folders are absolute. */
export type Config = ReturnType<typeof readConfig>;

/** Reads `.env` of a folder into the environment; variables that are already set stay. */
export function loadDotEnv(folder: string): void {
  const file = join(folder, '.env');
  try {
    if (existsSync(file)) loadEnvFile(file);
  } catch (cause) {
    throw new AppError('misconfigured', `${file} cannot be read: ${messageOf(cause)}.`, { cause });
  }
}

/**
 * Reads the environment once. Throws AppError('misconfigured') with a line for each variable that is wrong: its name, what
 * was expected and what was found.
 * Long: a table, one line a setting.
 */
export function readConfig(env: NodeJS.ProcessEnv) {
  const wrong: string[] = [];
  const values = Object.fromEntries(
    Object.entries(variables).map(([name, one]) => [name, readVariable(name, one as Variable, env, wrong)]),
  ) as Values;
  for (const [one, other] of inPairs)
    if (values[one] && !values[other] && !env[other])
      wrong.push(`${one} is set and ${other} is not: set both or none.`);
  const otlp = otlpIn(env, wrong);
  if (wrong.length > 0) throw new AppError('misconfigured', wrong.join('\n'));
  const dataDir = resolve(values.CRAFTING_DATA_DIR);
  const ofOthers = /^CRAFTING_(TABLE_|JOB_ID|PROJECT|SUBPROJECT|RECIPE|BRANCH$|SHA$)/;
  return Object.freeze({
    /** Names that look like ours and are not: probably misspelt. */
    unknown: Object.keys(env).filter(
      (name) => name.startsWith('CRAFTING_') && !(name in variables) && !ofOthers.test(name),
    ),
    host: values.CRAFTING_HOST,
    port: Number(values.CRAFTING_PORT),
    place: listenPlace({ host: values.CRAFTING_HOST, port: Number(values.CRAFTING_PORT) }, env),
    tls:
      values.CRAFTING_TLS_CERT && values.CRAFTING_TLS_KEY
        ? { cert: resolve(values.CRAFTING_TLS_CERT), key: resolve(values.CRAFTING_TLS_KEY) }
        : null,
    lanCidrs: values.CRAFTING_LAN_CIDRS as CidrSet,
    trustProxy: values.CRAFTING_TRUST_PROXY || null,
    dataDir,
    workspaceDir: values.CRAFTING_WORKSPACE_DIR ? resolve(values.CRAFTING_WORKSPACE_DIR) : join(dataDir, 'workspace'),
    cacheDir: values.CRAFTING_CACHE_DIR ? resolve(values.CRAFTING_CACHE_DIR) : join(dataDir, 'caches'),
    roles: values.CRAFTING_ROLES as readonly Role[],
    natsUrl: values.CRAFTING_NATS_URL || null,
    natsCreds: values.CRAFTING_NATS_CREDS || null,
    natsAllowOld: values.CRAFTING_NATS_ALLOW_OLD === true,
    natsListen: values.CRAFTING_NATS_LISTEN || null,
    natsTls:
      values.CRAFTING_NATS_TLS_CERT && values.CRAFTING_NATS_TLS_KEY
        ? { cert: resolve(values.CRAFTING_NATS_TLS_CERT), key: resolve(values.CRAFTING_NATS_TLS_KEY) }
        : null,
    natsServer: values.CRAFTING_NATS_SERVER,
    slots: Number(values.CRAFTING_SLOTS || availableParallelism()),
    containment: values.CRAFTING_CONTAINMENT || 'auto',
    sandbox: values.CRAFTING_SANDBOX || 'auto',
    sandboxShow: values.CRAFTING_SANDBOX_SHOW || [],
    jobEnv: values.CRAFTING_JOB_ENV || [],
    labels: values.CRAFTING_LABELS || [],
    drainSecs: Number(values.CRAFTING_DRAIN_SECS),
    allowLocalRepos: values.CRAFTING_ALLOW_LOCAL_REPOS === true,
    maxLogBytes: Number(values.CRAFTING_MAX_LOG_BYTES),
    installCacheBytes: Number(values.CRAFTING_INSTALL_CACHE_MB) * 2 ** 20,
    diskFloorBytes: Number(values.CRAFTING_DISK_FLOOR_MB) * 2 ** 20,
    logRetentionDays: Number(values.CRAFTING_LOG_RETENTION_DAYS),
    snapshotEvents: Number(values.CRAFTING_SNAPSHOT_EVENTS),
    snapshotMostBytes: Number(values.CRAFTING_SNAPSHOT_MAX_MB) * 2 ** 20,
    rateLimit: Number(values.CRAFTING_RATE_LIMIT),
    secretKey: values.CRAFTING_SECRET_KEY || null,
    logLevel: values.CRAFTING_LOG_LEVEL || 'info',
    accessLog: values.CRAFTING_ACCESS_LOG === true,
    slowRequestMs: Number(values.CRAFTING_SLOW_REQUEST_MS),
    /** Where traces go; null: nowhere. */
    otlp,
    logFormat: values.CRAFTING_LOG_FORMAT || 'auto',
    smtp: values.CRAFTING_SMTP_HOST
      ? {
          host: values.CRAFTING_SMTP_HOST,
          port: Number(values.CRAFTING_SMTP_PORT),
          user: values.CRAFTING_SMTP_USER || null,
          password: values.CRAFTING_SMTP_PASS || null,
          from: values.CRAFTING_SMTP_FROM || `crafting-table@${values.CRAFTING_SMTP_HOST}`,
          tls: values.CRAFTING_SMTP_TLS === true,
        }
      : null,
    digestTime: values.CRAFTING_DIGEST_TIME,
    digestTimezone: values.CRAFTING_DIGEST_TIMEZONE,
    notifyAllow: values.CRAFTING_NOTIFY_ALLOW || null,
    publicUrl: values.CRAFTING_PUBLIC_URL.replace(/\/+$/, '') || null,
    webhookSecret: values.CRAFTING_FORGE_WEBHOOK_SECRET || null,
    bottleWatchdogSecs: Number(values.CRAFTING_BOTTLE_WATCHDOG_SECS),
    patcher: patcherConfig(values),
    egress: egressConfig(values),
    orchestrator: {
      org: values.CRAFTING_FORGE_ORG || null,
      pollSecs: Number(values.CRAFTING_ORCHESTRATOR_POLL_SECS),
      quietSecs: Number(values.CRAFTING_ORCHESTRATOR_QUIET_SECS),
    },
  });
}

/** Providers with their keys, and what their models cost. */
function egressConfig(values: Values) {
  const named = {
    anthropic: { url: values.CRAFTING_ANTHROPIC_URL, key: values.CRAFTING_ANTHROPIC_KEY },
    gemini: { url: values.CRAFTING_GEMINI_URL, key: values.CRAFTING_GEMINI_KEY },
    openai: { url: values.CRAFTING_OPENAI_URL, key: values.CRAFTING_OPENAI_KEY },
  };
  const file = values.CRAFTING_PROVIDERS ? readProviderFile(values.CRAFTING_PROVIDERS) : [];
  return Object.freeze({
    providers: providersOf(named, file),
    prices: readPrices(values.CRAFTING_PRICES || null),
    ownNetworks: values.CRAFTING_BOTTLE_ALLOW || null,
  });
}

/** The variables of OpenTelemetry are not ours: what is wrong with them is said with the others. */
function otlpIn(env: NodeJS.ProcessEnv, wrong: string[]) {
  try {
    return otlpSettings(env);
  } catch (error) {
    wrong.push(messageOf(error));
    return null;
  }
}

/** What the agent's command may reach. An empty list is said, too: what it asks for is then named. */
function agentNetwork(hosts: Values['CRAFTING_AGENT_HOSTS']): Network {
  return hosts === 'on' ? 'on' : { allow: [...(hosts || [])] };
}

/** What the patch loop may use, and the names of the variables without which it, or its agent, is not to be had. */
function patcherConfig(values: Values) {
  const unset = (names: readonly (keyof Values)[]) => names.filter((name) => !values[name]);
  const forgeless = values.CRAFTING_PATCHER_FORGE === 'none';
  const gitea = unset(['CRAFTING_GITEA_URL', 'CRAFTING_GITEA_TOKEN']);
  const clawdforge = unset(['CRAFTING_CLAWDFORGE_URL', 'CRAFTING_CLAWDFORGE_TOKEN']);
  const more = values.CRAFTING_FORGES ? readForgeFile(values.CRAFTING_FORGES) : [];
  return Object.freeze({
    forge: {
      none: forgeless,
      giteaUrl: gitea.length === 0 ? values.CRAFTING_GITEA_URL : null,
      giteaToken: gitea.length === 0 ? values.CRAFTING_GITEA_TOKEN : null,
      githubUrl: values.CRAFTING_GITHUB_TOKEN ? values.CRAFTING_GITHUB_URL : null,
      githubToken: values.CRAFTING_GITHUB_TOKEN || null,
      more,
    },
    clawdforge:
      clawdforge.length === 0
        ? {
            url: values.CRAFTING_CLAWDFORGE_URL,
            token: values.CRAFTING_CLAWDFORGE_TOKEN,
            model: values.CRAFTING_CLAWDFORGE_MODEL,
          }
        : null,
    command: values.CRAFTING_AGENT_COMMAND || null,
    agentNetwork: agentNetwork(values.CRAFTING_AGENT_HOSTS),
    agentEnv: values.CRAFTING_AGENT_ENV || [],
    agentIsShutIn: values.CRAFTING_AGENT_SANDBOX !== 'off',
    turnTimeoutSecs: Number(values.CRAFTING_AGENT_TIMEOUT_SECS),
    maxAttempts: Number(values.CRAFTING_PATCHER_MAX_ATTEMPTS),
    branchPrefix: values.CRAFTING_PATCHER_BRANCH_PREFIX,
    author: values.CRAFTING_PATCHER_AUTHOR || { name: 'crafting-table', email: 'crafting-table@localhost' },
    pollSecs: Number(values.CRAFTING_PATCHER_POLL_SECS),
    proof: values.CRAFTING_PATCHER_PROOF || 'strict',
    imageDigest: values.CRAFTING_IMAGE_DIGEST || null,
    /** Without these no pull request can be opened and the loop is off. */
    missing: forgeless || more.length > 0 || values.CRAFTING_GITHUB_TOKEN ? [] : gitea,
    missingForAgent: values.CRAFTING_AGENT_COMMAND ? [] : clawdforge,
  });
}

/** The text of `.env.example`: every variable, what it says, and its default. */
export function envExample(): string {
  const entries = Object.entries(variables).map(
    ([name, { says, expects, fallback }]) => `# ${says}\n# (${expects})\n#${name}=${fallback}\n`,
  );
  return `# Settings of crafting-table, with their defaults. Copy to .env and take the # away where you want another value.\n\n${entries.join('\n')}`;
}
