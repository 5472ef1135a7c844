import type { Network } from '../../../../events/projects/project.ts';
import type { SandboxLevel } from '../../../../services/floor/sandbox-level.ts';

/**
 * Something that a hostile job tries, as shell that ends with 0 when it gets there. Words in capitals are places of the
 * scene. `reached`: the levels that do not stop it, where those below have the containment of a default container.
 */
export type Attempt = {
  readonly title: string;
  readonly command: string;
  readonly network?: Network;
  readonly reached: readonly SandboxLevel[];
  /** The same where root runs the service, if that is another list. */
  readonly byRoot?: readonly SandboxLevel[];
  /** Not to be tried without any sandbox: the machine itself would bear it. */
  readonly never?: readonly SandboxLevel[];
};

const arm = process.arch === 'arm64' ? 1 : 0;
const calls = {
  add_key: [248, 217],
  bpf: [321, 280],
  chroot: [161, 51],
  io_uring_setup: [425, 425],
  mount: [165, 40],
  open_by_handle_at: [304, 265],
  perf_event_open: [298, 241],
  setns: [308, 268],
  umount2: [166, 39],
  unshare: [272, 97],
  userfaultfd: [323, 282],
} as const;

/** Ends with 0 when the kernel takes the call. Texts are given as they are, in quotes that a shell leaves alone. */
const asks = (name: keyof typeof calls, ...args: string[]) =>
  `perl -e 'my ($none, $root) = ("none", "/"); my @given = (${args.join(', ')}); exit(syscall(${calls[name][arm]}, @given) >= 0 ? 0 : 1)'`;
const opens = (path: string, how = '<') => `perl -e 'exit(open(F, "${how}", "${path}") ? 0 : 1)'`;
const socketOf = (family: number, type: number, protocol = 0) =>
  `perl -MSocket -e 'exit(socket(S, ${family}, ${type}, ${protocol}) ? 0 : 1)'`;

/** What a hostile job asks of the kernel; the machine bears each where it is not stopped. */
export const kernelAttempts: readonly Attempt[] = [
  {
    title: 'command the kernel by /proc/sysrq-trigger',
    command: opens('/proc/sysrq-trigger', '>>'),
    reached: [],
    never: ['none'],
  },
  { title: 'read addresses of the kernel', command: 'grep -qv "^0* " /proc/kallsyms', reached: [] },
  { title: 'read the memory of the machine', command: `${opens('/proc/kcore')} || ${opens('/dev/mem')}`, reached: [] },
  {
    title: 'read the log of the kernel',
    command: `${opens('/dev/kmsg')} || ${opens('/proc/kmsg')}`,
    reached: [],
  },
  {
    title: 'keep a key in the kernel for the next job',
    command: asks('add_key', '"user"', '"k"', '"v"', '1', '-4'),
    reached: ['none'],
  },
  {
    title: 'load a program into the kernel',
    command: asks('bpf', '0', 'pack("LLLLx64", 2, 4, 4, 1)', '72'),
    reached: [],
  },
  { title: 'use io_uring', command: asks('io_uring_setup', '8', '"\\0" x 120'), reached: ['none'] },
  {
    title: 'measure the kernel',
    command: asks('perf_event_open', 'pack("LLx104", 1, 112)', '0', '-1', '-1', '0'),
    reached: [],
  },
  { title: 'handle page faults of the kernel', command: asks('userfaultfd', '0'), reached: [] },
  { title: 'open raw sockets', command: socketOf(17, 3), reached: [] },
  { title: 'reach the host of a virtual machine', command: socketOf(40, 1), reached: ['none'] },
  { title: 'make a network of its own', command: asks('unshare', '0x40000000'), reached: [] },
  {
    title: 'join the namespaces of the service',
    command: 'nsenter --target VICTIM --mount true',
    reached: [],
  },
  {
    title: 'mount a control group',
    command: asks('mount', '$none', '"/tmp"', '"cgroup2"', '0', '0'),
    reached: [],
    never: ['none'],
  },
  {
    title: 'make / writable',
    command: asks('mount', '$none', '$root', '$none', '32', '0'),
    reached: [],
    never: ['none'],
  },
  { title: 'uncover what is hidden', command: asks('umount2', '"DATA"', '2'), reached: [], never: ['none'] },
  { title: 'change the root folder', command: asks('chroot', '"/tmp"'), reached: [] },
  { title: 'open files by their number', command: asks('open_by_handle_at', '-100', '"\\0" x 128', '0'), reached: [] },
  { title: 'make a device', command: 'mknod TREE/device b 7 0 && rm TREE/device', reached: [] },
  {
    title: 'become root',
    command: `perl -MPOSIX -e 'POSIX::setuid(0); exit($< == 0 ? 0 : 1)'`,
    reached: [],
  },
  {
    title: 'take priority over others',
    command: "perl -e 'exit(setpriority(0, 0, -5) ? 0 : 1)'",
    reached: [],
  },
  {
    title: 'be spared when memory is short',
    command: 'echo -500 > /proc/self/oom_score_adj',
    reached: [],
    never: ['none'],
  },
  { title: 'name the machine', command: 'hostname "$(hostname)"', reached: [] },
  {
    title: "look into the files of the sandbox's first process",
    command: 'readlink /proc/1/fd/0',
    reached: [],
    never: ['none'],
  },
  {
    title: "end the sandbox's first process",
    command: 'kill -KILL 1 && sleep 0.3 && ! test -d /proc/1',
    reached: [],
    never: ['none', 'reduced'],
  },
  { title: 'write to programs of the machine', command: ': >> /usr/bin/env', reached: [], never: ['none'] },
  { title: 'read passwords of the machine', command: 'cat /etc/shadow | grep -q .', reached: [] },
];
