import { posix } from 'node:path';

/** The files by which package managers are known, and what is read beside them. */
const names = [
  'package.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'yarn.lock',
  'requirements.txt',
  'requirements.in',
  'requirements-dev.txt',
  'requirements-test.txt',
  'dev-requirements.txt',
  'test-requirements.txt',
  'constraints.txt',
  'requirements/base.txt',
  'requirements/dev.txt',
  'requirements/prod.txt',
  'requirements/test.txt',
  'pyproject.toml',
  'Pipfile.lock',
  'poetry.lock',
  'uv.lock',
  'pdm.lock',
  'pylock.toml',
  'Cargo.toml',
  'Cargo.lock',
  'go.mod',
  'go.sum',
  'vendor/modules.txt',
  'Gemfile',
  'Gemfile.lock',
  'composer.json',
  'composer.lock',
];

/** Where manifests and lock files may be: in these folders, and beside these files. */
export function manifestNames(places: readonly string[]): string[] {
  const folders = new Set(places.flatMap((place) => [posix.normalize(place), posix.dirname(place)]));
  return [...folders].flatMap((folder) => names.map((name) => posix.join(folder, name)));
}
