import { shellWord } from '../../../../recipes/shell-word.ts';
import { type BumpEcosystem, type BumpRequest, type Home, type HomePlan, none } from './define.ts';
import { goOrder } from './version-orders.ts';

/** Go: the module is required at the version, and what it asks for along with it. */
export const goModules: BumpEcosystem = {
  name: 'go-modules',
  auditors: ['govulncheck'],
  languages: ['go'],
  knownBy: /^go\.(mod|sum)$/,
  toolNeeded: 'go',
  order: goOrder,
  packageName: (text) =>
    text === 'stdlib' || (text.length <= 200 && /^[a-z0-9][\w.~-]*\.[a-z]{2,24}(?:\/[\w.~][\w.~-]*)*$/i.test(text))
      ? text
      : null,
  installed,
  plan,
};

/** `require x v1.2.3`, alone or as a line of a block. */
function installed(name: string, home: Home): string[] {
  return (home.text('go.mod') ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map((words) => (words[0] === 'require' ? words.slice(1) : words))
    .filter(([module, version]) => module === name && version !== undefined)
    .map(([, version]) => goOrder.read(version ?? ''))
    .filter((version) => version !== null);
}

function plan({ name, to, home }: BumpRequest): HomePlan {
  if (name === 'stdlib') return none('the fix is in the Go toolchain, not in a module');
  const text = home.text('go.mod');
  if (text === undefined) return none('there is no go.mod');
  if (home.names.some((file) => file.startsWith('vendor/'))) return none('the modules are kept in vendor/');
  if (replaces(text, name)) return none(`go.mod replaces ${name}`);
  // A newer toolchain is not fetched on the way.
  const command = `export GOTOOLCHAIN=local GOFLAGS=-mod=mod && go get ${shellWord(`${name}@${to}`)} && go mod tidy`;
  const note = 'go get raises what it asks for along with it; go mod tidy puts go.mod and go.sum in order.';
  return { kind: 'command', command, owned: ['go.mod', 'go.sum'], note };
}

function replaces(text: string, name: string): boolean {
  return text.split('\n').some((line) => line.includes('=>') && line.trim().split(/\s+/).slice(0, 2).includes(name));
}
