/** Where git keeps what it may keep of its own, and what it may talk to. */
type EnvironmentOptions = { home: string; ceiling: string; globalConfig: string; allowLocal: boolean };

// What a network may need to reach its servers, and nothing that steers git.
const passedOn = [
  'PATH',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
];

const settings: readonly [string, string][] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['core.excludesFile', '/dev/null'],
  ['core.trustctime', 'true'],
  ['core.checkStat', 'default'],
  // index-scan.ts reads this version.
  ['index.version', '2'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['protocol.ext.allow', 'never'],
  ['submodule.recurse', 'false'],
  ['credential.helper', ''],
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '60'],
];

/** The environment of our own git commands, made from nothing: no user or system settings, no prompts, no hooks. */
export function gitEnvironment(from: NodeJS.ProcessEnv, options: EnvironmentOptions): Record<string, string> {
  const environment: Record<string, string> = {
    HOME: options.home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: options.globalConfig,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_CEILING_DIRECTORIES: options.ceiling,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    SSH_ASKPASS: 'false',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=30',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    // Wins over every setting, so no repository can bring back a protocol.
    GIT_ALLOW_PROTOCOL: options.allowLocal ? 'http:https:ssh:file' : 'http:https:ssh',
  };
  for (const name of passedOn) {
    const value = from[name];
    if (value !== undefined) environment[name] = value;
  }
  return withSettings(environment, settings);
}

/** A server with certificates of its own, as PEM. */
export type Trusted = { readonly url: string; readonly ca: string };

/** The setting that names the file of certificates for one server: no other one profits from them. */
export const certificatesKey = (url: string): string => `http.${new URL(url).origin}/.sslCAInfo`;

/** Adds git settings to an environment; later ones win over earlier ones and over every file. */
export function withSettings(
  environment: Record<string, string>,
  added: readonly (readonly [string, string])[],
): Record<string, string> {
  let count = Number(environment.GIT_CONFIG_COUNT ?? 0);
  const result = { ...environment };
  for (const [name, value] of added) {
    result[`GIT_CONFIG_KEY_${count}`] = name;
    result[`GIT_CONFIG_VALUE_${count}`] = value;
    count += 1;
  }
  result.GIT_CONFIG_COUNT = String(count);
  return result;
}

/**
 * The text of the global settings file. Only what must reach the helper that serves a local repository lives here: git
 * takes environment settings away from it, and it refuses repositories of other users without this.
 */
export function globalGitConfig(allowLocal: boolean): string {
  return allowLocal ? '[safe]\n\tdirectory = *\n' : '';
}
