import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';

/**
 * Which system calls a job may make: those of a list, with the numbers that each kind of machine gives them. `refused` answers
 * "not permitted"; `absent`, and whatever is newer than the list, answers "there is no such call", after which programs
 * take another way. `asked` depends on arguments.
 */
type Calls = {
  readonly refused: readonly string[];
  readonly absent: readonly string[];
  readonly asked: readonly string[];
  /** On x86_64 and on aarch64. */
  readonly numbers: Readonly<Record<string, readonly (number | null)[]>>;
};

/** A call is allowed when an argument, masked, is one of these (or with `not` none of them). */
type Question = { argument: number; mask: number; is: readonly number[]; not?: true };

/** New namespaces but for those of time, whose bit has another meaning in clone. */
const newNamespaces = 0x7e020000;
const whole = 0xffffffff;

const questions: Readonly<Record<string, Question>> = {
  clone: { argument: 0, mask: newNamespaces, is: [0] },
  unshare: { argument: 0, mask: newNamespaces | 0x80, is: [0] },
  // Families: unix, internet of both versions, netlink. Others reach into the machine or its host.
  socket: { argument: 0, mask: whole, is: [1, 2, 10, 16] },
  // Linux as it is, as 32 bits, without random addresses (sanitizers, debuggers), and the question what is set.
  personality: { argument: 0, mask: whole, is: [0, 8, 0x20000, 0x20008, 0x40000, whole] },
  // Typing into a terminal, and pasting there.
  ioctl: { argument: 1, mask: whole, is: [0x5412, 0x541c], not: true },
};

const machines: Readonly<Record<string, { at: number; audit: number; highest: number }>> = {
  // Above are calls by another name, x32, which no list of ours knows.
  x64: { at: 0, audit: 0xc000003e, highest: 0x3fffffff },
  arm64: { at: 1, audit: 0xc00000b7, highest: 0x7fffffff },
};

const [load, and, equal, above, jump, answer] = [0x20, 0x54, 0x15, 0x25, 0x05, 0x06];
const [callAt, machineAt, argumentsAt] = [0, 4, 16];
const allow = 0x7fff0000;
const errno = (number: number) => 0x00050000 | number;
const [notPermitted, noSuchCall] = [errno(1), errno(38)];

/** An instruction of the kernel's filter: what to do, how far to jump on yes and no, and a number. */
type Step = readonly [code: number, yes: number, no: number, value: number];

/** The filter for this kind of machine as the kernel takes it, or null where we have no list. */
export function callFilter(machine: string = process.arch): Buffer | null {
  const kind = machines[machine];
  if (kind === undefined || endianness() !== 'LE') return null;
  const steps = stepsFor(
    kind,
    JSON.parse(readFileSync(new URL('system-calls.json', import.meta.url), 'utf8')) as Calls,
  );
  const program = Buffer.alloc(steps.length * 8);
  for (const [at, [code, yes, no, value]] of steps.entries()) {
    program.writeUInt16LE(code, at * 8);
    program.writeUInt8(yes, at * 8 + 2);
    program.writeUInt8(no, at * 8 + 3);
    program.writeUInt32LE(value >>> 0, at * 8 + 4);
  }
  return program;
}

function stepsFor({ at, audit, highest }: { at: number; audit: number; highest: number }, calls: Calls): Step[] {
  const answers = new Map<number, number>();
  const numberOf = (name: string) => calls.numbers[name]?.[at] ?? null;
  for (const name of Object.keys(calls.numbers)) {
    const number = numberOf(name);
    if (number === null || calls.asked.includes(name)) continue;
    const said = calls.refused.includes(name) ? notPermitted : calls.absent.includes(name) ? noSuchCall : allow;
    answers.set(number, said);
  }
  return [
    [load, 0, 0, machineAt],
    [equal, 1, 0, audit],
    [answer, 0, 0, noSuchCall],
    [load, 0, 0, callAt],
    [above, 0, 1, highest],
    [answer, 0, 0, noSuchCall],
    ...calls.asked.flatMap((name) => ask(numberOf(name), questions[name])),
    ...search(rangesOf(answers)),
  ];
}

function ask(number: number | null, question: Question | undefined): Step[] {
  if (number === null || question === undefined) return [];
  const { argument, mask, is, not = false } = question;
  const [found, other] = not ? [notPermitted, allow] : [allow, notPermitted];
  const looks: Step[] = is.map((value, index) => [equal, is.length - index, 0, value]);
  const body: Step[] = [
    // The kernel itself takes the lower half alone of each of these.
    [load, 0, 0, argumentsAt + 8 * argument],
    [and, 0, 0, mask],
    ...looks,
    [answer, 0, 0, other],
    [answer, 0, 0, found],
  ];
  return [[equal, 0, body.length, number], ...body];
}

type Range = { from: number; answer: number };

/** Neighbours with one answer as one; what has no number answers that there is no such call. */
function rangesOf(answers: ReadonlyMap<number, number>): Range[] {
  const ranges: Range[] = [];
  const last = Math.max(...answers.keys());
  for (let number = 0; number <= last + 1; number += 1) {
    const said = answers.get(number) ?? noSuchCall;
    if (ranges.at(-1)?.answer !== said) ranges.push({ from: number, answer: said });
  }
  return ranges;
}

/** Halves the ranges until one is left. */
function search(ranges: readonly Range[]): Step[] {
  const [first] = ranges;
  if (first === undefined) return [[answer, 0, 0, noSuchCall]];
  if (ranges.length === 1) return [[answer, 0, 0, first.answer]];
  const half = ranges.length >>> 1;
  const [below, from] = [search(ranges.slice(0, half)), search(ranges.slice(half))];
  const limit = (ranges[half]?.from ?? 0) - 1;
  // A short jump reaches 255 steps.
  if (below.length < 256) return [[above, below.length, 0, limit], ...below, ...from];
  return [[above, 0, 1, limit], [jump, 0, 0, below.length], ...below, ...from];
}
