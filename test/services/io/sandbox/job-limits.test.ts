import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { collectReports } from '../../../../services/runner/reports/collect-reports.ts';
import { paced } from '../../../support/pace.ts';
import { daemon, uniqueSeconds, withArgument } from '../process/watched-processes.ts';
import { levelTrouble, openScene } from './cell-scene.ts';

const MB = 2 ** 20;

for (const level of ['bwrap', 'reduced'] as const) {
  const trouble = await levelTrouble(level);
  describe(`a job at the level ${level}`, { skip: trouble ?? false }, async () => {
    if (trouble !== null) return;
    const scene = await openScene(level);
    const { run, tree, dir } = scene;
    after(() => scene.close());
    const ending = async (...args: Parameters<typeof run>) => {
      const { result } = await run(...args);
      return [result.reason, result.exitCode, result.signal, result.limit];
    };

    test('works in its tree and in the caches, reads the objects of its mirror, and has a folder for what is temporary', async () => {
      const command = 'echo made > made && cat made && : > CACHE/npm/used && cat MIRROR/objects/pack && mktemp >&2';
      const { result, stdout } = await run(command);
      assert.deepEqual([result.exitCode, stdout.toString()], [0, 'made\nobjects']);
      assert.equal(readFileSync(join(tree, 'made'), 'utf8'), 'made\n');
    });

    test('ends as its shell ends: by a code, by a code that looks like a signal, by a signal', async () => {
      assert.deepEqual(await ending('exit 3'), ['exited', 3, null, null]);
      assert.deepEqual(await ending('exit 139'), ['exited', 139, null, null]);
      assert.deepEqual(await ending('kill -SEGV $$'), ['exited', null, 'SIGSEGV', null]);
    });

    test('hears TERM first when it runs out of time', async () => {
      const { result, stdout } = await run('trap "echo tidied; exit 9" TERM; echo up; sleep 3000 & wait', {
        timeoutMs: paced(400),
      });
      assert.deepEqual([result.reason, result.exitCode], ['timeout', 9]);
      assert.equal(stdout.toString(), 'up\ntidied\n');
    });

    test('leaves no daemon', async () => {
      const seconds = uniqueSeconds();
      assert.deepEqual(await ending(`${daemon(seconds)}; exit 4`), ['exited', 4, null, null]);
      assert.deepEqual(withArgument(seconds), []);
    });

    test('starts no more processes than it may', async () => {
      const fork = 'for (1 .. 400) { my $pid = fork // last; $pid or exec "sleep", 60; $n++ } print $n';
      const { result, stdout } = await run(`perl -e '${fork}'`, { limits: { processes: 40 } });
      // Where the kernel is not asked, or cannot be, the job is ended for it at the next look.
      assert.ok(result.limit === 'processes' || Number(stdout.toString()) < 60, `${stdout}`);
    });

    test('is ended, or fizzles out, when it forks on and on', async () => {
      const { result } = await run('b() { b | b & b; }; b 2>/dev/null', { limits: { processes: 40 } });
      assert.ok(result.limit === 'processes' || result.reason === 'exited', JSON.stringify(result));
    });

    test('is ended when it holds more memory than it may', async () => {
      const command = 'exec perl -e \'my @all; while (1) { push @all, "x" x 8e6; select undef, undef, undef, 0.02 }\'';
      assert.deepEqual(await ending(command, { limits: { memoryBytes: 64 * MB } }), [
        'limit',
        null,
        'SIGKILL',
        'memory',
      ]);
    });

    test('is ended when it shares more memory than it may, or keeps files in memory', async () => {
      const limits = { memoryBytes: 64 * MB };
      const shared = `perl -e 'use Config; my $n = $Config{archname} =~ /aarch64/ ? 279 : 319; my $name = "m"; my $fd = syscall($n, $name, 0); open my $f, ">&=", $fd; print $f "x" x 1e6 for 1 .. 200; $f->flush; sleep 3000'`;
      for (const command of [
        shared,
        'perl -MIPC::SysV=IPC_PRIVATE,IPC_CREAT -e \'my $id = shmget(IPC_PRIVATE, 2e8, IPC_CREAT | 0600) // die; shmwrite($id, "x" x 2e8, 0, 2e8); sleep 3000\'',
      ]) {
        const [reason, , , limit] = await ending(command, { limits, graceMs: 0 });
        assert.deepEqual([reason, limit], ['limit', 'memory'], command);
      }
    });

    // Files in shared memory count where the kernel counts for a group, which root alone can have.
    const counted = process.getuid?.() !== 0 && 'needs groups of the kernel';
    test('is ended for its memory also where the kernel chose to end what watches over it', {
      skip: counted,
    }, async () => {
      const command = 'head -c 300000000 /dev/zero > /dev/shm/ct-over && sleep 3000';
      const [reason, , , limit] = await ending(command, { limits: { memoryBytes: 64 * MB }, graceMs: 0 });
      rmSync('/dev/shm/ct-over', { force: true });
      // In a sandbox the shared memory is the job's own and smaller than that: the command is told so.
      assert.ok(limit === 'memory' || (level === 'bwrap' && reason === 'exited'), `${reason} ${limit}`);
    });

    test('may share as much memory between many processes as it may hold', async () => {
      const command = 'perl -e \'my $x = "x" x 3e7; for (1 .. 6) { fork or do { sleep 1; exit } } 1 while wait > 0\'';
      assert.deepEqual(await ending(command, { limits: { memoryBytes: 96 * MB } }), ['exited', 0, null, null]);
    });

    test('is ended when HOME, files without content or files without a name take more of the disk than they may', async () => {
      const ways = [
        'head -c 12000000 /dev/zero > ~/big && sleep 200',
        'mkdir ~/many && cd ~/many && seq 3000 | xargs touch && sleep 200',
        'exec 3> ~/gone && rm ~/gone && head -c 12000000 /dev/zero >&3 && sleep 200',
        'head -c 12000000 /dev/zero > "$PIP_CACHE_DIR/../late" & sleep 3.5; head -c 12000000 /dev/zero > "$PIP_CACHE_DIR/../later"; sleep 200',
      ];
      const ends = await Promise.all(
        ways.map((way) =>
          ending(way, { limits: { disk: { dirs: [], bytes: 8 * MB } }, timeoutMs: 180_000, graceMs: 0 }),
        ),
      );
      assert.deepEqual(
        ends.map(([reason, , , limit]) => [reason, limit]),
        ways.map(() => ['limit', 'disk']),
      );
    });

    const once = level !== 'bwrap' && 'is counted as at the level above, and takes a second of CPU';
    test('is ended when its processes together compute longer than they may', { skip: once }, async () => {
      const spin = 'perl -e "1 while 1" & perl -e "1 while 1" & wait';
      const end = await ending(spin, { limits: { cpuSecs: 1 } });
      assert.deepEqual(end, ['limit', null, 'SIGKILL', 'cpu']);
    });

    test('is ended when its tree takes more of the disk than it may, however deep that lies', async () => {
      const fill = 'mkdir -p a/b/c && cd a/b/c && head -c 12000000 /dev/zero > big && sleep 3000';
      const limits = { disk: { dirs: [tree], bytes: 8 * MB } };
      const { result } = await run(fill, { limits, graceMs: 0 });
      assert.deepEqual([result.reason, result.limit], ['limit', 'disk']);
    });

    test('cannot have the farm read what a link in its tree leads to', async () => {
      await run('rm -rf *; ln -s DATA/secret.key report.xml; ln -s DATA folder; echo "<x/>" > plain.xml');
      const notes: string[] = [];
      const found = await collectReports(['*.xml', 'folder/*'], { root: tree, cwd: tree }, (note) => notes.push(note));
      assert.deepEqual(
        found.map(({ name }) => name),
        ['plain.xml'],
      );
      assert.match(notes.join('\n'), /report\.xml is left out: it leads out of the repository/);
    });

    test('does not hand its environment to what makes the sandbox', async () => {
      const { stderr } = await run('true', { env: { LD_DEBUG: 'libs' } });
      assert.match(stderr.toString(), /initialize program: .*sh/);
      assert.doesNotMatch(stderr.toString(), /bwrap|perl/);
    });

    test('takes an environment that is larger than a pipe', async () => {
      const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`NAME_${n}`, 'x'.repeat(1000)]));
      const { stdout } = await run('printf %s "$NAME_299" | wc -c', { env: many });
      assert.equal(stdout.toString().trim(), '1000');
    });

    test('fills no memory of the machine by files', {
      skip: level !== 'bwrap' && 'files in memory are not its own there',
    }, async () => {
      const { stdout } = await run(
        'for d in /tmp /dev/shm; do head -c 9000000 /dev/zero > $d/x 2>/dev/null; stat -c %s $d/x; done; : > /x',
        {
          limits: { memoryBytes: 4 * MB },
        },
      );
      for (const size of stdout.toString().trim().split('\n')) assert.ok(Number(size) <= 4 * MB, size);
    });

    test('leaves the data folder as it was', () => {
      assert.deepEqual(readdirSync(join(dir, 'data')).sort(), ['admin-bearer.txt', 'secret.key']);
      assert.ok(!existsSync(join(dir, 'tools', 'planted')));
      symlinkSync(join(dir, 'data'), join(tree, 'again'));
    });
  });
}
