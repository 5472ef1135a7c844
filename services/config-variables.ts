import { type CidrSet, parseCidrs } from './floor/cidr.ts';

export const roleNames = [
  'api',
  'digester',
  'notifier',
  'parser',
  'patcher',
  'projector',
  'relay',
  'runner',
  'scheduler',
] as const;
export type Role = (typeof roleNames)[number];

type Kind<T> = { readonly expects: string; readonly read: (text: string) => T | undefined };

/** One variable: its default as the text that a user would write (`''` = unset), and what it says. */
export type Variable<T = unknown> = Kind<T> & { readonly fallback: string; readonly says: string };

const word: Kind<string> = { expects: 'text', read: (text) => text };
const flag: Kind<boolean> = {
  expects: '0 or 1',
  read: (text) => ({ '0': false, false: false, '1': true, true: true })[text.toLowerCase()],
};
const integer = (min: number, max: number): Kind<number> => ({
  expects: `a whole number from ${min} to ${max}`,
  read: (text) => (/^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined),
});
const choice = <const Words extends readonly string[]>(words: Words): Kind<Words[number]> => ({
  expects: `one of ${words.join(', ')}`,
  read: (text) => words.find((word) => word === text),
});
const url = (...schemes: string[]): Kind<string> => ({
  expects: `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  read: (text) => {
    const listed = text
      .split(',')
      .every((one) => URL.canParse(one) && schemes.includes(new URL(one).protocol.slice(0, -1)));
    return listed ? text : undefined;
  },
});
const listen: Kind<string> = {
  expects: 'an address and a port such as 0.0.0.0:4222',
  read: (text) => (/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]{1,253}):([1-9]\d{0,4}|0)$/.test(text) ? text : undefined),
};
const cidrs: Kind<CidrSet> = {
  expects: 'a comma-separated list of networks such as 10.0.0.0/8,::1/128',
  read: (text) =>
    parseCidrs(
      text
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
    ),
};
const roles: Kind<readonly Role[]> = {
  expects: `a comma-separated list out of ${roleNames.join(', ')}`,
  read: (text) => {
    const listed = text.split(',').map((one) => one.trim());
    const known = roleNames.filter((role) => listed.includes(role));
    return known.length > 0 && known.length === new Set(listed).size ? known : undefined;
  },
};

const words: Kind<readonly string[]> = {
  expects: 'a comma-separated list of labels such as go,jdk17',
  read: (text) => {
    const listed = text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
    return listed.every((one) => /^[a-z0-9][a-z0-9._+-]{0,63}$/.test(one)) ? listed : undefined;
  },
};
const names: Kind<readonly string[]> = {
  expects: 'a comma-separated list of names of variables such as SONAR_TOKEN',
  read: (text) => {
    const listed = text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
    return listed.every((one) => /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(one)) ? listed : undefined;
  },
};
const folders: Kind<readonly string[]> = {
  expects: 'a comma-separated list of absolute paths',
  read: (text) => {
    const listed = text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
    return listed.every((one) => one.startsWith('/')) ? listed : undefined;
  },
};
const timeOfDay: Kind<string> = {
  expects: 'a time such as 06:00',
  read: (text) => (/^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? text : undefined),
};
const timezone: Kind<string> = {
  expects: 'an IANA time zone such as Europe/Berlin',
  read: (text) => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    } catch {
      return undefined;
    }
  },
};
const author: Kind<{ name: string; email: string }> = {
  expects: 'a name and an address such as Farm <farm@example.org>',
  read: (text) => {
    const [, name, email] = /^([^<>\n]{1,128}) <([^<>\s@]{1,128}@[^<>\s@]{1,128})>$/.exec(text) ?? [];
    return name && email ? { name, email } : undefined;
  },
};

function variable<T>(kind: Kind<T>, fallback: string, says: string): Variable<T> {
  return { ...kind, fallback, says };
}

const lan = '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,127.0.0.0/8,::1/128';

/** Every variable of the service, in the order in which `.env.example` explains them. */
export const variables = {
  CRAFTING_HOST: variable(word, '127.0.0.1', 'address on which HTTP listens'),
  CRAFTING_PORT: variable(integer(0, 65_535), '8810', 'port on which HTTP listens; 0 = any free one, which is printed'),
  CRAFTING_LAN_CIDRS: variable(cidrs, lan, 'networks from which requests are answered at all'),
  CRAFTING_DATA_DIR: variable(word, './data', 'what is kept: the log, keys, the admin bearer'),
  CRAFTING_WORKSPACE_DIR: variable(word, '', 'git mirrors and work trees; unset = <data>/workspace'),
  CRAFTING_CACHE_DIR: variable(word, '', 'downloads of jobs, a folder for each owner; unset = <data>/caches'),
  CRAFTING_ROLES: variable(roles, roleNames.join(','), 'roles of this process'),
  CRAFTING_NATS_URL: variable(
    url('nats', 'tls', 'ws', 'wss'),
    '',
    'the log elsewhere; unset = an embedded server in the data folder',
  ),
  CRAFTING_NATS_CREDS: variable(
    word,
    '',
    'file with the credentials for CRAFTING_NATS_URL: a .creds file, or the seed of an nkey',
  ),
  CRAFTING_NATS_ALLOW_OLD: variable(flag, '0', 'whether a cluster of servers older than 2.12 may hold the log'),
  CRAFTING_NATS_LISTEN: variable(
    listen,
    '',
    'address and port on which the embedded server also answers subscribers and runners elsewhere; unset = the loopback alone',
  ),
  CRAFTING_NATS_TLS_CERT: variable(word, '', 'file with the certificate of the embedded server; unset = no TLS'),
  CRAFTING_NATS_TLS_KEY: variable(word, '', 'file with its key'),
  CRAFTING_NATS_SERVER: variable(word, 'nats-server', 'program of the embedded server'),
  CRAFTING_SLOTS: variable(integer(1, 1024), '', 'jobs at once on this runner; unset = number of cores'),
  CRAFTING_CONTAINMENT: variable(
    choice(['auto', 'pid-namespace', 'subreaper', 'process-group']),
    'auto',
    'how the processes of a job are held together; auto = the strongest that works here',
  ),
  CRAFTING_ALLOW_LOCAL_REPOS: variable(flag, '0', 'whether a git_url may be an absolute path of this machine'),
  CRAFTING_SANDBOX: variable(
    choice(['auto', 'bwrap', 'reduced', 'none']),
    'auto',
    'what a job cannot reach; auto = the strongest level that works here, a named one must work or nothing starts',
  ),
  CRAFTING_SANDBOX_SHOW: variable(
    folders,
    '',
    'files and folders that jobs in a sandbox may read, beside the system and the tools on the PATH',
  ),
  CRAFTING_JOB_ENV: variable(
    names,
    '',
    "names of this service's variables that jobs get which ask for them by env_from; unset = none",
  ),
  CRAFTING_LABELS: variable(
    words,
    '',
    'labels of this runner beside the toolchains that it finds, comma-separated; jobs ask for them by "needs"',
  ),
  CRAFTING_DRAIN_SECS: variable(
    integer(0, 86_400),
    '30',
    'on SIGTERM: how long running jobs may take to finish before they are handed back; 0 = they are ended at once',
  ),
  CRAFTING_MAX_LOG_BYTES: variable(
    integer(1024, 10_000_000_000),
    '268435456',
    'output after which a job is ended with reason log_limit',
  ),
  CRAFTING_LOG_RETENTION_DAYS: variable(integer(1, 3650), '30', 'days for which the output of jobs is kept'),
  CRAFTING_RATE_LIMIT: variable(
    integer(1, 10_000_000),
    '6000',
    'requests a minute for one token, and for one address without a token',
  ),
  CRAFTING_SECRET_KEY: variable(
    word,
    '',
    'key that seals credentials, 64 hex digits; unset = <data>/secret.key, made once',
  ),
  CRAFTING_LOG_LEVEL: variable(
    choice(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    'info',
    'how much our own log says',
  ),
  CRAFTING_LOG_FORMAT: variable(
    choice(['auto', 'pretty', 'json']),
    'auto',
    'pretty or json; auto = pretty on a terminal, json elsewhere',
  ),
  CRAFTING_SMTP_HOST: variable(word, '', 'mail relay of the digest; unset = no digest is sent'),
  CRAFTING_SMTP_PORT: variable(integer(1, 65_535), '587', 'its port'),
  CRAFTING_SMTP_USER: variable(word, '', 'user at the relay'),
  CRAFTING_SMTP_PASS: variable(word, '', 'password at the relay'),
  CRAFTING_SMTP_FROM: variable(word, '', 'sender of the digest'),
  CRAFTING_SMTP_TLS: variable(flag, '1', 'whether the relay is spoken to over TLS'),
  CRAFTING_DIGEST_TIME: variable(timeOfDay, '06:00', 'when the digest of a day is sent'),
  CRAFTING_DIGEST_TIMEZONE: variable(timezone, 'America/Los_Angeles', 'in which time zone'),
  CRAFTING_NOTIFY_ALLOW: variable(
    cidrs,
    '',
    'loopback and link-local networks to which webhooks may go all the same; unset = none',
  ),
  CRAFTING_CLAWDFORGE_URL: variable(url('http', 'https'), '', 'agent gateway of the patch loop'),
  CRAFTING_CLAWDFORGE_TOKEN: variable(word, '', 'bearer at the gateway'),
  CRAFTING_CLAWDFORGE_MODEL: variable(word, 'opus', 'model that the gateway is asked for'),
  CRAFTING_AGENT_COMMAND: variable(
    word,
    '',
    'instead of the gateway: a command that reads a prompt on standard input and prints the answer',
  ),
  CRAFTING_AGENT_TIMEOUT_SECS: variable(integer(10, 7200), '600', 'how long an agent may think about one turn'),
  CRAFTING_GITEA_URL: variable(url('http', 'https'), '', 'forge on which pull requests are opened'),
  CRAFTING_GITEA_TOKEN: variable(word, '', 'token at the forge'),
  CRAFTING_GITHUB_URL: variable(url('http', 'https'), 'https://api.github.com', "address of GitHub's API"),
  CRAFTING_GITHUB_TOKEN: variable(word, '', 'token at GitHub'),
  CRAFTING_FORGE_WEBHOOK_SECRET: variable(
    word,
    '',
    'secret of the webhook that a forge sends to /forge/webhook; unset = none is taken',
  ),
  CRAFTING_PATCHER_FORGE: variable(
    choice(['auto', 'none']),
    'auto',
    'auto = the forge that the git_url names; none = branches are pushed and no pull request is opened',
  ),
  CRAFTING_PATCHER_POLL_SECS: variable(
    integer(0, 86_400),
    '300',
    'how often open pull requests are looked at; 0 = never',
  ),
  CRAFTING_PATCHER_AUTHOR: variable(
    author,
    'crafting-table <crafting-table@localhost>',
    'author of the commits of the patch loop',
  ),
  CRAFTING_PUBLIC_URL: variable(url('http', 'https'), '', 'address of this service for the links in pull requests'),
  CRAFTING_PATCHER_MAX_ATTEMPTS: variable(integer(1, 100), '3', 'patch attempts for one finding'),
  CRAFTING_PATCHER_BRANCH_PREFIX: variable(word, 'crafting-table/auto/', 'prefix of the branches of the patch loop'),
} as const;
