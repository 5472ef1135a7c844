import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { callFilter } from '../../../../services/io/sandbox/call-filter.ts';
import { levelTrouble, openScene } from './cell-scene.ts';

type Calls = { refused: string[]; absent: string[]; asked: string[]; numbers: Record<string, (number | null)[]> };
const calls = JSON.parse(
  readFileSync(new URL('../../../../services/io/sandbox/system-calls.json', import.meta.url), 'utf8'),
) as Calls;
const [notPermitted, noSuchCall, allowed] = [0x50001, 0x50026, 0x7fff0000];

/** What the kernel would answer: its own machine for such filters, as far as ours go. */
function answerOf(
  filter: Buffer,
  { audit, call, args = [] }: { audit: number; call: number; args?: number[] },
): number {
  const data = new Map([[0, call], [4, audit], ...args.map((value, at) => [16 + 8 * at, value] as const)]);
  let held = 0;
  for (let at = 0; ; at += 1) {
    assert.ok(at * 8 < filter.length, 'the filter ends without an answer');
    const [code, yes, no] = [filter.readUInt16LE(at * 8), filter.readUInt8(at * 8 + 2), filter.readUInt8(at * 8 + 3)];
    const value = filter.readUInt32LE(at * 8 + 4);
    if (code === 0x06) return value;
    if (code === 0x20) held = (data.get(value) ?? 0) >>> 0;
    else if (code === 0x54) held = (held & value) >>> 0;
    else if (code === 0x05) at += value;
    else if (code === 0x15) at += held === value ? yes : no;
    else if (code === 0x25) at += held > value ? yes : no;
    else assert.fail(`unknown step ${code}`);
  }
}

for (const [machine, at, audit] of [
  ['x64', 0, 0xc000003e],
  ['arm64', 1, 0xc00000b7],
] as const) {
  describe(`the filter of system calls for ${machine}`, () => {
    const filter = callFilter(machine);
    assert.ok(filter);
    const answer = (name: string, ...args: number[]) => {
      const call = calls.numbers[name]?.[at];
      assert.ok(typeof call === 'number', name);
      return answerOf(filter, { audit, call, args });
    };

    it('answers for each call by its name, and for every other number that there is none', () => {
      const known = new Set<number>();
      for (const [name, numbers] of Object.entries(calls.numbers)) {
        const call = numbers[at];
        if (typeof call !== 'number') continue;
        known.add(call);
        if (calls.asked.includes(name)) continue;
        const wanted = calls.refused.includes(name) ? notPermitted : calls.absent.includes(name) ? noSuchCall : allowed;
        assert.equal(answerOf(filter, { audit, call }), wanted, name);
      }
      for (let call = 0; call < 2000; call += 1)
        if (!known.has(call)) assert.equal(answerOf(filter, { audit, call }), noSuchCall, String(call));
    });

    it('lets threads and processes begin, and no namespace', () => {
      assert.equal(answer('clone', 17), allowed);
      assert.equal(answer('clone', 0x3d0f00), allowed);
      for (const flag of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
        for (const name of ['clone', 'unshare']) assert.equal(answer(name, flag | 17), notPermitted, `${name} ${flag}`);
      assert.equal(answer('unshare', 0x200), allowed);
      assert.equal(answer('unshare', 0x80), notPermitted);
    });

    it('lets sockets of the internet, of the machine and of netlink be made, and no other', () => {
      for (let family = 0; family < 50; family += 1)
        assert.equal(
          answer('socket', family),
          [1, 2, 10, 16].includes(family) ? allowed : notPermitted,
          String(family),
        );
    });

    it('lets nobody type into a terminal', () => {
      assert.equal(answer('ioctl', 0, 0x5401), allowed);
      for (const request of [0x5412, 0x541c]) assert.equal(answer('ioctl', 0, request), notPermitted);
    });

    it('knows calls of this machine alone', () => {
      const read = calls.numbers['read']?.[at] ?? -1;
      assert.equal(answerOf(filter, { audit: 0x40000003, call: read }), noSuchCall);
      assert.equal(answerOf(filter, { audit, call: read | 0x80000000 }), noSuchCall);
      if (machine === 'x64') assert.equal(answerOf(filter, { audit, call: read | 0x40000000 }), noSuchCall);
    });
  });
}

it('has no filter for a machine whose numbers are not known', () => {
  assert.equal(callFilter('riscv64'), null);
});

for (const level of ['bwrap', 'reduced'] as const) {
  const trouble = await levelTrouble(level);
  describe(`system calls at the level ${level}`, { skip: trouble ?? false }, async () => {
    if (trouble !== null) return;
    const scene = await openScene(level);
    after(() => scene.close());
    const at = process.arch === 'arm64' ? 1 : 0;

    it('end as the list says, asked of the kernel itself', async () => {
      const asked = [...calls.refused, ...calls.absent].flatMap((name) => {
        const call = calls.numbers[name]?.[at];
        return typeof call === 'number' ? [{ name, call, wanted: calls.refused.includes(name) ? 1 : 38 }] : [];
      });
      // With arguments that do nothing where the call would be let through.
      const tries = asked.map(({ call }) => `$!=0; syscall(${call}, -1, -1, -1, -1, -1, -1); print $!+0, " ";`);
      const { stdout } = await scene.run(`cat > t.pl <<'END'\n${tries.join('\n')}\nEND\nperl t.pl`);
      const got = stdout.toString().trim().split(' ').map(Number);
      assert.deepEqual(
        asked.map(({ name }, index) => [name, got[index]]),
        asked.map(({ name, wanted }) => [name, wanted]),
      );
    });

    it('are enough for threads, pools of processes, pipes, sockets, timers and debuggers', async () => {
      const { result, stderr } = await scene.run(
        [
          `perl -MSocket -e 'socketpair(A, B, AF_UNIX, SOCK_STREAM, 0) or die; socket(S, AF_INET, SOCK_STREAM, 0) or die'`,
          'sh -c "sleep 0 & wait" && mkfifo pipe && mktemp -d > /dev/null && nice true && setsid true',
          'git init -q r && git -C r -c user.name=a -c user.email=a@b commit -q --allow-empty -m x',
          `perl -e 'my $n = fork // die; exit unless $n; waitpid $n, 0; exit $?'`,
          `perl -Mthreads -e 'threads->create(sub { 1 })->join'`,
        ].join(' && '),
      );
      assert.equal(result.exitCode, 0, stderr.toString());
    });
  });
}
