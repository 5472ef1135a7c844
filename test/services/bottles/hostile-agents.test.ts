import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { signalDone, withBottles } from '../../support/bottle-life.ts';
import { levelTrouble } from '../io/sandbox/cell-scene.ts';

const trouble = await levelTrouble('bwrap');

describe('a hostile agent', { skip: trouble ?? false }, () => {
  it('is ended when it is silent for too long, and what it left counts as unreported', async () => {
    await withBottles(
      'echo 3 >> sum.txt; sleep 1000',
      async ({ run, diff }) => {
        const bottle = await run();
        assert.deepEqual([bottle.ended, bottle.done], ['done_unreported', null]);
        assert.match(bottle.why, /called nothing for 2 s/);
        assert.match(await diff(bottle.id), /^\+3$/m);
      },
      { manifest: { watchdog_secs: 2 } },
    );
  });

  it('is ended at its time limit, however often it says that it goes on', async () => {
    const script = 'i=0; while :; do i=$((i + 1)); bottle report_progress text="still $i" >/dev/null; sleep 0.2; done';
    await withBottles(
      script,
      async ({ run }) => {
        const bottle = await run();
        assert.equal(bottle.ended, 'done_unreported');
        assert.match(bottle.why, /time limit of 4 s/);
      },
      { manifest: { time_limit_secs: 4 } },
    );
  });

  it('loses what it forks, cannot print or fill without end, and the next one finds the farm well', async () => {
    const limits = { limits: { processes: 60, disk_mb: 20, file_mb: 10, log_mb: 1 } };
    await withBottles(
      ':',
      async ({ run, program, log }) => {
        await program('for i in $(seq 200); do sleep 300 & done; wait');
        const forked = await run();
        assert.equal(forked.ended, 'done_unreported');
        await program('yes 0123456789 | head -c 1000000000');
        const loud = await run();
        assert.deepEqual([loud.ended, loud.why], ['done_unreported', 'It printed more than a job may.']);
        assert.ok((await log(loud.id)).length < 2_000_000);
        await program(
          'i=0; while [ $i -lt 40 ]; do head -c 9000000 /dev/zero > fill.$i; i=$((i + 1)); done; sleep 3000',
        );
        const full = await run();
        assert.equal(full.ended === 'done_unreported' || full.ended === 'failed', true, full.why);
        await program(`echo 3 >> sum.txt; ${signalDone}`);
        assert.equal((await run()).ended, 'done');
      },
      { project: limits, manifest: { watchdog_secs: 60 } },
    );
  });

  it('reaches neither git, nor the log, nor the API, nor other bottles, and holds no credential', async () => {
    const look = [
      'mkdir -p .git/hooks; printf "[core]\\n\\tfsmonitor = touch /tmp/owned\\n" >> .git/config; rm -rf .git/index .git/HEAD',
      'for port in 4222 8222 8810 "$API"; do (echo > /dev/tcp/127.0.0.1/$port) 2>&1 | sed "s/^/port: /"; done',
      'env | grep -iE "token|secret|passw|_key=|bearer" | sed "s/^/secret: /"',
      'ls / /tmp /run/crafting-table; find / -name "admin-bearer.txt" -o -name "secret.key" 2>/dev/null | sed "s/^/found: /"',
      'ls -d /proc/[0-9]* | wc -l | sed "s/^/processes: /"',
      'bottle post_comment number=12 body=hello; bottle read_issue number=x; bottle drop_tables; echo "{" | perl -MSocket -e \'socket S,PF_UNIX,SOCK_STREAM,0; connect S,pack_sockaddr_un("/run/crafting-table/sidecar.sock"); syswrite S,"{\\n"; sysread S,$b,999; print $b\'',
      'echo 3 >> sum.txt; ln -s /etc/passwd link; mkdir -p ../../outside 2>/dev/null || echo "no way out"',
      signalDone,
      'bottle signal_done status=failed summary=twice',
    ].join('\n');
    await withBottles(`bash <<'LOOK'\n${look}\nLOOK`, async ({ farm, run, diff, calls, log, events }) => {
      const bottle = await run();
      const said = await log(bottle.id);
      assert.equal(bottle.ended, 'done', said);
      assert.equal(bottle.done.status, 'success');
      assert.doesNotMatch(said, /^(?:secret|found): /m);
      assert.doesNotMatch(said, new RegExp(farm.admin));
      assert.match(said, /"code":-32700/);
      const patch = await diff(bottle.id);
      assert.doesNotMatch(patch, /\.git\//);
      assert.match(patch, /^\+3$/m);
      assert.deepEqual(
        (await calls(bottle.id)).map(({ words, refused }) => `${refused ? 'refused' : 'done'}: ${words}`),
        [
          'refused: refused: this bottle has no forge to speak to',
          'refused: refused: read_issue/number: Expected integer',
          'refused: refused: there is no method "drop_tables"',
          'done: signalled done: success',
          'refused: refused: signal_done after done was signalled',
        ],
      );
      assert.equal((await events('AgentRunDone')).length, 1);
    });
  });
});
