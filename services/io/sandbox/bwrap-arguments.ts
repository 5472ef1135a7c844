import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ShownPaths } from './shown-paths.ts';

const place = '/run/crafting-table';
/** Where a job sees what is ours, and sockets that it is given. */
export const ownPlace = place;
/** Where a job sees its HOME, wherever that lies. */
export const homePlace = `${place}/home`;
/** Where a job sees its tree: what an install writes down as a path is right for every job. */
export const treePlace = `${place}/tree`;
const ours = (name: string) => ['--ro-bind', fileURLToPath(new URL(name, import.meta.url)), `${place}/${name}`];
const socketPlace = `${place}/egress.sock`;

/** The sandbox of one job, in paths that are the same outside and inside, but for HOME and the tree. */
type BwrapPlaces = {
  readonly program: string;
  /** `own`: a /proc of its processes alone; `shared`: the machine's, where containers forbid a new one. */
  readonly proc: 'own' | 'shared';
  readonly shown: ShownPaths;
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly home: string;
  /** Shown at `treePlace`; null: there is none. */
  readonly tree: string | null;
  /** As it is seen inside. */
  readonly cwd: string;
  readonly network: 'on' | 'off' | { readonly socket: string };
  /** Shown below `/run/crafting-table` by these names, and with them the program by which a bottle is spoken to. */
  readonly sockets?: Readonly<Record<string, string>>;
  /** Of /tmp and of /dev/shm, each in memory. */
  readonly scratchBytes: number;
  readonly processes: number | undefined;
  /** A file with the filter of system calls, or null where this machine has none. */
  readonly calls: string | null;
  /** Whether the launcher gives the job a user of its own; without, it keeps the service's in a namespace of users. */
  readonly ownUser: boolean;
};

/** What of /proc tells of the whole machine or commands it, as runtimes of containers hide it. */
const openToAll = ['kallsyms', 'keys', 'sched_debug', 'timer_list'];
const openToRoot = ['acpi', 'kcore', 'kmsg', 'kpagecgroup', 'kpagecount', 'kpageflags', 'scsi', 'sysrq-trigger'];
const readOnly = ['bus', 'fs', 'irq', 'sys'];

/**
 * What the user of a job could read or write in /proc by its number: sysctls ask for that and not for powers, so the machine's
 * root could write them without any. Each cover costs a job a tenth of a millisecond.
 */
function coverProc(isRoot: boolean): string[] {
  const at = (name: string) => statSync(`/proc/${name}`, { throwIfNoEntry: false });
  const hidden = [...openToAll, ...(isRoot ? openToRoot : [])].filter(
    (name) => isRoot || ((at(name)?.mode ?? 0) & 4) !== 0,
  );
  return [
    ...(isRoot ? readOnly : []).filter(at).flatMap((name) => ['--ro-bind', `/proc/${name}`, `/proc/${name}`]),
    ...hidden
      .filter(at)
      .flatMap((name) =>
        at(name)?.isDirectory()
          ? ['--size', '4096', '--tmpfs', `/proc/${name}`]
          : ['--ro-bind', '/dev/null', `/proc/${name}`],
      ),
  ];
}

/** The words that start a recipe under bwrap, up to what the launcher adds. The order counts: later ones lie on earlier ones. */
export function bwrapArguments(places: BwrapPlaces): string[] {
  const {
    program,
    proc,
    shown,
    read,
    write,
    home,
    tree,
    cwd,
    network,
    sockets = {},
    scratchBytes,
    processes,
    calls,
  } = places;
  const { ownUser } = places;
  const show = (path: string) => ['--ro-bind', path, path];
  const scratch = (path: string) => ['--perms', '1777', '--size', String(scratchBytes), '--tmpfs', path];
  // The first process in the sandbox takes the user; with that it loses what it may do here.
  const powers = ownUser ? ['SETUID', 'SETGID', 'SETPCAP'].flatMap((name) => ['--cap-add', `CAP_${name}`]) : [];
  const isRoot = !ownUser && process.getuid?.() === 0;
  const isReadable = (file: string) =>
    isRoot || !ownUser || ((statSync(file, { throwIfNoEntry: false })?.mode ?? 4) & 4) !== 0;
  const belowTmp = shown.paths.filter((path) => path.startsWith('/tmp/'));
  const words = [
    ...(ownUser ? openAbove(shown.paths) : []),
    ...shown.paths.flatMap(show),
    ...[...shown.links].flatMap(([link, to]) => ['--symlink', to, link]),
    ...(proc === 'own' ? ['--proc', '/proc'] : ['--ro-bind', '/proc', '/proc']),
    ...coverProc(isRoot),
    ...['--dev', '/dev', ...scratch('/dev/shm'), ...scratch('/tmp')],
    ...shown.hiddenFolders.flatMap((folder) => ['--size', '4096', '--tmpfs', folder]),
    ...shown.hiddenFiles.filter(isReadable).flatMap((file) => ['--ro-bind', '/dev/null', file]),
    // Shown things may lie below /tmp, which has just been covered.
    ...(ownUser ? openAbove([...belowTmp, ...read, ...write]) : []),
    ...belowTmp.flatMap(show),
    ...read.flatMap(show),
    ...write.flatMap((path) => ['--bind', path, path]),
    ...['--perms', '0755', '--dir', place, '--bind', home, homePlace],
    ...(tree === null ? [] : ['--bind', tree, treePlace]),
    ...ours('inside.pl'),
    ...(calls === null ? [] : ['--ro-bind', calls, `${place}/calls.bpf`]),
    ...(typeof network === 'object' ? [...ours('egress-relay.pl'), '--ro-bind', network.socket, socketPlace] : []),
    ...Object.entries(sockets).flatMap(([name, socket]) => ['--ro-bind', socket, `${place}/${name}`]),
    ...(Object.keys(sockets).length === 0 ? [] : ours('bottle')),
    ...['--remount-ro', '/', '--remount-ro', '/dev'],
    ...(ownUser ? [] : ['--unshare-user']),
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...(network === 'on' ? [] : ['--unshare-net']),
    ...['--hostname', 'sandbox', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', ...powers],
    ...['--as-pid-1'],
    ...['--chdir', '/', '--'],
  ];
  const relay = typeof network === 'object' ? socketPlace : '';
  return [program, ...words, '/usr/bin/perl', '-w', `${place}/inside.pl`, cwd, processes?.toString() ?? '', relay];
}

/** The folders above these paths, which bwrap would make as closed as what lies in them: for root alone. */
function openAbove(paths: readonly string[]): string[] {
  const above = (path: string): string[] => (dirname(path) === '/' ? [] : [...above(dirname(path)), dirname(path)]);
  return [...new Set(paths.flatMap(above))].flatMap((folder) => ['--perms', '0755', '--dir', folder]);
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
