import { join } from 'node:path';

/** What a recipe may know of the service's environment: how to find tools and networks, never a secret of ours. */
const passedOn = [
  'LANG',
  'LC_ALL',
  'TZ',
  'RUSTUP_HOME',
  'JAVA_HOME',
  'JAVA_HOME_21',
  'GOROOT',
  'GOPROXY',
  'GOSUMDB',
  'GOFLAGS',
  'PYENV_ROOT',
  'DOTNET_ROOT',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
  'PIP_CERT',
  'PIP_INDEX_URL',
  'PIP_CONFIG_FILE',
  'NPM_CONFIG_REGISTRY',
  'NPM_CONFIG_CAFILE',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
] as const;

type EnvironmentOptions = {
  readonly inherited: Readonly<NodeJS.ProcessEnv>;
  /** Folders searched after the service's own PATH: the tools that come with the farm. */
  readonly extraPath: readonly string[];
};

/** The environment that every recipe starts from, made once. HOME and the caches are each job's own. */
export function baseEnvironment({ inherited, extraPath }: EnvironmentOptions): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: [inherited['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', ...extraPath].join(':'),
    CI: 'true',
    TERM: 'dumb',
    NO_COLOR: '1',
    GIT_TERMINAL_PROMPT: '0',
    DEBIAN_FRONTEND: 'noninteractive',
  };
  for (const name of passedOn) {
    const value = inherited[name];
    if (value !== undefined) environment[name] = value;
  }
  const home = inherited['HOME'];
  if (home && !environment['RUSTUP_HOME']) environment['RUSTUP_HOME'] = join(home, '.rustup');
  return environment;
}

/** The variables of an environment with these names, as far as they are set. */
export function letOut(env: Readonly<NodeJS.ProcessEnv>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** What a recipe learns of its job. */
export function jobEnvironment(
  job: { job_id: string; project: string; subproject: string; recipe: string; branch: string },
  sha: string,
) {
  return {
    CRAFTING_JOB_ID: job.job_id,
    CRAFTING_PROJECT: job.project,
    CRAFTING_SUBPROJECT: job.subproject,
    CRAFTING_RECIPE: job.recipe,
    CRAFTING_BRANCH: job.branch,
    CRAFTING_SHA: sha,
  };
}
