/** What a package manager calls the things that a recipe needs. */
export type PackageManager = {
  readonly tool: string;
  /** Installs what the lock file says, and runs no script of a dependency. */
  readonly install: string;
  readonly test: string;
  /** Runs a script of every workspace that has it. */
  readonly testAll: string;
  readonly buildAll: string;
  /** Runs that script of every workspace that has it. */
  readonly runAll: (script: string) => string;
  /** Installs a folder that is no member of the repository around it, and has no lock file; absent where that cannot be. */
  readonly aside?: string;
  readonly run: (script: string) => string;
  readonly audit: string;
};

const quiet = '--ignore-scripts --no-audit --no-fund';

const npm: PackageManager = {
  tool: 'npm',
  install: `npm ci ${quiet}`,
  test: 'npm test',
  testAll: 'npm test --workspaces --if-present',
  buildAll: 'npm run build --workspaces --if-present',
  runAll: (script) => `npm run ${script} --workspaces --if-present`,
  run: (script) => `npm run ${script}`,
  audit: 'npm audit --json',
};

const npmUnlocked: PackageManager = {
  ...npm,
  install: `npm install --no-package-lock ${quiet}`,
  audit: `npm install --package-lock-only ${quiet} && npm audit --json`,
};

const pnpm: PackageManager = {
  tool: 'pnpm',
  install: 'pnpm install --frozen-lockfile --ignore-scripts',
  test: 'pnpm test',
  testAll: 'pnpm -r test',
  buildAll: 'pnpm -r run build',
  runAll: (script) => `pnpm -r run ${script}`,
  aside: 'pnpm install --ignore-workspace --no-lockfile --ignore-scripts',
  run: (script) => `pnpm run ${script}`,
  audit: 'pnpm audit --json',
};

const yarnClassic: PackageManager = {
  tool: 'yarn',
  install: 'yarn install --frozen-lockfile --ignore-scripts --non-interactive',
  test: 'yarn test',
  testAll: 'yarn workspaces run test',
  buildAll: 'yarn workspaces run build',
  runAll: (script) => `yarn workspaces run ${script}`,
  aside: 'yarn install --no-lockfile --ignore-scripts --non-interactive',
  run: (script) => `yarn run ${script}`,
  audit: 'yarn audit --json',
};

const { aside: _aside, ...yarn } = yarnClassic;
const yarnBerry: PackageManager = {
  ...yarn,
  install: 'yarn install --immutable --mode=skip-build',
  testAll: 'yarn workspaces foreach -A run test',
  buildAll: 'yarn workspaces foreach -At run build',
  runAll: (script) => `yarn workspaces foreach -A run ${script}`,
  audit: 'yarn npm audit --all --recursive --json',
};

const bun: PackageManager = {
  tool: 'bun',
  install: 'bun install --frozen-lockfile --ignore-scripts',
  test: 'bun run test',
  testAll: "bun run --filter '*' test",
  buildAll: "bun run --filter '*' build",
  runAll: (script) => `bun run --filter '*' ${script}`,
  aside: 'bun install --no-save --ignore-scripts',
  run: (script) => `bun run ${script}`,
  audit: 'bun audit --json',
};

/**
 * The one whose lock file is there.
 * @param has whether the package's folder holds a file
 * @param declared `packageManager` of its package.json, such as `yarn@4.1.0`
 */
export function packageManager(has: (file: string) => boolean, declared: string): PackageManager {
  if (has('pnpm-lock.yaml')) return pnpm;
  if (has('pnpm-workspace.yaml') || /^pnpm@/.test(declared))
    return { ...pnpm, install: 'pnpm install --no-frozen-lockfile --ignore-scripts' };
  if (has('yarn.lock')) return /^yarn@[2-9]/.test(declared) || has('.yarnrc.yml') ? yarnBerry : yarnClassic;
  if (has('bun.lock') || has('bun.lockb')) return bun;
  return has('package-lock.json') || has('npm-shrinkwrap.json') ? npm : npmUnlocked;
}
