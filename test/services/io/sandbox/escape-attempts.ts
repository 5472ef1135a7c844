import type { SandboxLevel } from '../../../../services/floor/sandbox-level.ts';
import { type Attempt, kernelAttempts } from './kernel-attempts.ts';

const everywhere = ['bwrap', 'reduced', 'none'] as const;
const connects = (address: string) => `perl -MIO::Socket::INET -e 'exit(IO::Socket::INET->new("${address}") ? 0 : 1)'`;
const connectsUnix = (path: string) =>
  `perl -MSocket -e 'socket S, PF_UNIX, SOCK_STREAM, 0; exit(connect(S, pack_sockaddr_un(${path})) ? 0 : 1)'`;
const [ptrace, attach] = [process.arch === 'arm64' ? 117 : 101, 16];

const atFarm: readonly Attempt[] = [
  {
    title: 'read secret.key and admin-bearer.txt',
    command: 'cat DATA/secret.key || cat DATA/admin-bearer.txt',
    reached: ['none'],
    byRoot: [],
  },
  { title: 'list the data folder', command: 'ls DATA', reached: ['none'], byRoot: [] },
  {
    title: 'read it through /proc/<pid>/root',
    command: 'cat /proc/[0-9]*/roo?/DATA/secret.key | grep -q .',
    reached: ['none'],
    byRoot: [],
  },
  {
    title: 'read it through a symbolic link in the tree',
    command: 'ln -s DATA/secret.key link && cat link',
    reached: ['none'],
    byRoot: [],
  },
  {
    title: "read the service's environment",
    command: 'cat /proc/[0-9]*/environ | grep -qa MARK',
    reached: ['none'],
    byRoot: [],
  },
  {
    title: "read the service's memory",
    command: `perl -e 'exit(open(F, "<", "/proc/VICTIM/mem") ? 0 : 1)'`,
    reached: ['none'],
    byRoot: [],
  },
  {
    title: 'ptrace another process',
    command: `perl -e 'exit(syscall(${ptrace}, ${attach}, VICTIM, 0, 0) == 0 ? 0 : 1)'`,
    reached: ['none'],
    byRoot: [],
  },
  { title: 'kill another process', command: 'kill -0 VICTIM', reached: ['none'], byRoot: [] },
  { title: "read another job's tree", command: 'cat OTHER/source.txt', reached: ['none'] },
  { title: "write to another job's tree", command: 'echo x > OTHER/planted', reached: ['none'], byRoot: [] },
  { title: 'read the rest of the mirror', command: 'cat MIRROR/config', reached: ['none'] },
  { title: 'write to the mirror', command: 'echo x > MIRROR/objects/planted', reached: ['none'], byRoot: [] },
  { title: "read files of the service's user elsewhere", command: 'cat ELSEWHERE/id', reached: ['none'], byRoot: [] },
  { title: 'write to toolchains', command: 'echo x > TOOLS/planted', reached: ['none'], byRoot: [] },
  { title: 'use setuid programs', command: 'grep -q "NoNewPrivs:.0" /proc/self/status', reached: ['none'], byRoot: [] },
  { title: 'mount a file system', command: 'mount -t tmpfs none TREE', reached: [], never: ['none'] },
  {
    title: 'make a namespace of users, in which it may do everything',
    command: 'unshare --user --map-root-user true',
    reached: ['none'],
  },
  {
    title: "type into the service's terminal",
    command: `perl -e 'open T, "+<", "/dev/tty" or exit 1; exit(ioctl(T, 0x5412, "x") ? 0 : 1)'`,
    reached: [],
  },
  {
    title: 'reach NATS and HTTP ports, network off',
    command: connects('127.0.0.1:PORT'),
    network: 'off',
    reached: ['none'],
  },
  {
    title: 'reach them, network by a list',
    command: connects('127.0.0.1:PORT'),
    network: { allow: ['example.org'] },
    reached: ['reduced', 'none'],
  },
  { title: 'reach them, network on', command: connects('127.0.0.1:PORT'), reached: everywhere },
  {
    title: 'open the socket of a container engine',
    command: connectsUnix('"SOCKET"'),
    reached: ['reduced', 'none'],
    byRoot: [],
  },
  {
    title: 'reach an abstract socket, network on',
    command: connectsUnix('"\\0" . "SOCKET"'),
    reached: ['bwrap', 'none'],
  },
  {
    title: "read another owner's caches",
    command: 'cat CACHES/owners/b/kept',
    reached: ['none'],
  },
  {
    title: "change the kernel's settings",
    command: `perl -e 'exit(open(F, "+<", "/proc/sys/kernel/core_pattern") ? 0 : 1)'`,
    reached: [],
  },
];

/** Everything that is tried. */
export const attempts: readonly Attempt[] = [...atFarm, ...kernelAttempts];

/** The levels that do not stop it, as seen by whoever runs the service. */
export function reachedAt({ reached, byRoot }: Attempt, isRoot: boolean): readonly SandboxLevel[] {
  return isRoot ? (byRoot ?? reached) : reached;
}

/** The table of docs/security.md: each attempt at each level, where root runs the service and where another user does. */
export function attemptTable(): string {
  const cell = (one: Attempt, level: SandboxLevel, isRoot: boolean) => {
    if (one.never?.includes(level)) return 'not tried';
    return reachedAt(one, isRoot).includes(level) ? '**not stopped**' : 'stopped';
  };
  const row = (one: Attempt) => {
    const cells = everywhere.map((level) => {
      const [root, user] = [cell(one, level, true), cell(one, level, false)];
      return root === user ? root : `${user}; root: ${root}`;
    });
    return `| ${one.title} | ${cells.join(' | ')} |`;
  };
  return ['| a hostile job tries to | bwrap | reduced | none |', '|---|---|---|---|', ...attempts.map(row)].join('\n');
}
