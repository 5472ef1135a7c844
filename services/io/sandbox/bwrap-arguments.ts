import { fileURLToPath } from 'node:url';
import type { ShownPaths } from './shown-paths.ts';

const place = '/run/crafting-table';
const ours = (name: string) => ['--ro-bind', fileURLToPath(new URL(name, import.meta.url)), `${place}/${name}`];
const socketPlace = `${place}/egress.sock`;

/** The sandbox of one job, in paths that are the same outside and inside. */
export type BwrapPlaces = {
  readonly program: string;
  /** `own`: a /proc of its processes alone; `shared`: the machine's, where containers forbid a new one. */
  readonly proc: 'own' | 'shared';
  readonly shown: ShownPaths;
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly cwd: string;
  readonly network: 'on' | 'off' | { readonly socket: string };
  /** Of /tmp and of /dev/shm, each in memory. */
  readonly scratchBytes: number;
  readonly processes: number | undefined;
};

/** The words that start a recipe under bwrap, up to what the launcher adds. The order counts: later ones lie on earlier ones. */
export function bwrapArguments(places: BwrapPlaces): string[] {
  const { program, proc, shown, read, write, cwd, network, scratchBytes, processes } = places;
  const show = (path: string) => ['--ro-bind', path, path];
  const scratch = (path: string) => ['--size', String(scratchBytes), '--tmpfs', path];
  const words = [
    ...shown.paths.flatMap(show),
    ...[...shown.links].flatMap(([link, to]) => ['--symlink', to, link]),
    ...(proc === 'own' ? ['--proc', '/proc'] : ['--ro-bind', '/proc', '/proc']),
    ...['--dev', '/dev', ...scratch('/dev/shm'), ...scratch('/tmp')],
    ...shown.hiddenFolders.flatMap((folder) => ['--size', '4096', '--tmpfs', folder]),
    ...shown.hiddenFiles.flatMap((file) => ['--ro-bind', '/dev/null', file]),
    // Shown things may lie below /tmp, which has just been covered.
    ...shown.paths.filter((path) => path.startsWith('/tmp/')).flatMap(show),
    ...read.flatMap(show),
    ...write.flatMap((path) => ['--bind', path, path]),
    ...ours('inside.pl'),
    ...(typeof network === 'object' ? [...ours('egress-relay.pl'), '--ro-bind', network.socket, socketPlace] : []),
    ...['--remount-ro', '/', '--remount-ro', '/dev'],
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...(network === 'on' ? [] : ['--unshare-net']),
    ...['--hostname', 'sandbox', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--as-pid-1'],
    ...['--chdir', cwd, '--'],
  ];
  const relay = typeof network === 'object' ? socketPlace : '';
  return [program, ...words, '/usr/bin/perl', '-w', `${place}/inside.pl`, processes?.toString() ?? '', relay];
}

/** What tells programs of the proxy inside. */
export const proxyEnvironment: Readonly<Record<string, string>> = proxyVariables('http://127.0.0.1:3128');

function proxyVariables(address: string): Record<string, string> {
  const local = 'localhost,127.0.0.1,::1';
  const java = '-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=3128 -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=3128';
  return {
    ...{ HTTP_PROXY: address, HTTPS_PROXY: address, ALL_PROXY: address, NO_PROXY: local },
    ...{ http_proxy: address, https_proxy: address, all_proxy: address, no_proxy: local },
    ...{ npm_config_proxy: address, npm_config_https_proxy: address, NODE_USE_ENV_PROXY: '1' },
    ...{ CARGO_HTTP_PROXY: address, MAVEN_OPTS: java, GRADLE_OPTS: java },
  };
}
