import { mkdirSync } from 'node:fs';
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

/** One cache a tool, shared by all jobs. Values are folders under the cache folder. */
const caches: Readonly<Record<string, string>> = {
  HOME: 'home',
  XDG_CACHE_HOME: 'xdg',
  CARGO_HOME: 'cargo',
  npm_config_cache: 'npm',
  npm_config_store_dir: 'pnpm',
  YARN_CACHE_FOLDER: 'yarn',
  BUN_INSTALL_CACHE_DIR: 'bun',
  PIP_CACHE_DIR: 'pip',
  UV_CACHE_DIR: 'uv',
  GOPATH: 'go',
  GOCACHE: 'go-build',
  GRADLE_USER_HOME: 'gradle',
  COMPOSER_CACHE_DIR: 'composer',
  COMPOSER_HOME: 'composer',
  BUNDLE_USER_CACHE: 'bundle',
  NUGET_PACKAGES: 'nuget',
};

export type EnvironmentOptions = {
  readonly cacheDir: string;
  readonly inherited: Readonly<NodeJS.ProcessEnv>;
  /** Folders searched after the service's own PATH: the tools that come with the farm. */
  readonly extraPath: readonly string[];
};

/** The environment that every recipe starts from, made once. Makes the cache folders. */
export function baseEnvironment({ cacheDir, inherited, extraPath }: EnvironmentOptions): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: [inherited['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', ...extraPath].join(':'),
    CI: 'true',
    TERM: 'dumb',
    NO_COLOR: '1',
    GIT_TERMINAL_PROMPT: '0',
    DEBIAN_FRONTEND: 'noninteractive',
    MAVEN_ARGS: `-Dmaven.repo.local=${join(cacheDir, 'maven')}`,
  };
  for (const name of passedOn) {
    const value = inherited[name];
    if (value !== undefined) environment[name] = value;
  }
  const home = inherited['HOME'];
  if (home && !environment['RUSTUP_HOME']) environment['RUSTUP_HOME'] = join(home, '.rustup');
  for (const [name, folder] of Object.entries(caches)) {
    environment[name] = join(cacheDir, folder);
    mkdirSync(join(cacheDir, folder), { recursive: true });
  }
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
