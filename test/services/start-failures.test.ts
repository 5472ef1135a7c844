import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { AppError } from '../../services/floor/app-error.ts';
import { silent } from '../../services/io/log.ts';
import { start } from '../../services/start.ts';
import { testConfig } from '../support/farm.ts';
import { inTempDir } from '../support/farm-parts.ts';

const root = join(import.meta.dirname, '..', '..');
const roles = { CRAFTING_ROLES: 'api,projector' };

/** Why a farm with these settings does not start. */
async function refusalOf(dir: string, env: Record<string, string>, code = 'misconfigured'): Promise<AppError> {
  const error = await start(testConfig(dir, { ...roles, ...env }), silent).then(
    async (farm) => {
      await farm.close();
      throw new Error('it started');
    },
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, /^[^\n]+\.$/, 'one sentence');
  return error;
}

/** The command as a user calls it. */
async function up(dir: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [join(root, 'services/cli/main.ts'), 'up'], {
    cwd: dir,
    env: { PATH: process.env.PATH ?? '', CRAFTING_DATA_DIR: join(dir, 'data'), CRAFTING_PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { said, code };
}

describe('a start that cannot be', () => {
  const linux = process.platform === 'linux';
  const folders: [string, string, RegExp][] = [
    ['CRAFTING_DATA_DIR', '/proc/self/farm', /pseudo file system \(proc\)/],
    ['CRAFTING_DATA_DIR', '/sys/farm', /pseudo file system \(sysfs\)/],
    ['CRAFTING_WORKSPACE_DIR', '/proc/farm', /pseudo file system \(proc\)/],
    ['CRAFTING_CACHE_DIR', '/dev/null/farm', /a file is in the way/],
  ];
  for (const [variable, path, why] of folders)
    it(`says that ${variable}=${path} cannot be used, and does not hang`, { skip: !linux }, () =>
      inTempDir(async (dir) => {
        const { message } = await refusalOf(dir, { [variable]: path });
        assert.ok(message.startsWith(`${variable} cannot be used: ${path}: `), message);
        assert.match(message, why);
      }),
    );

  it('names the port that is taken before anything of the log is made', () =>
    inTempDir(async (dir) => {
      const other = createServer();
      await once(other.listen(0, '127.0.0.1'), 'listening');
      const { port } = other.address() as { port: number };
      try {
        const { message } = await refusalOf(dir, { CRAFTING_PORT: String(port) });
        assert.match(message, new RegExp(`^CRAFTING_PORT ${port} is taken on 127\\.0\\.0\\.1`));
        assert.ok(!existsSync(join(dir, 'data', 'nats')));
      } finally {
        other.close();
      }
    }));

  it('names an address and a name that are not of this machine', () =>
    inTempDir(async (dir) => {
      assert.match(
        (await refusalOf(dir, { CRAFTING_HOST: '203.0.113.5' })).message,
        /^CRAFTING_HOST 203\.0\.113\.5 is no address of this machine/,
      );
      assert.match(
        (await refusalOf(dir, { CRAFTING_HOST: 'no.such.invalid' })).message,
        /^CRAFTING_HOST no\.such\.invalid is a name/,
      );
    }));

  it('says what is wrong with the program of the log', () =>
    inTempDir(async (dir) => {
      const program = join(dir, 'server');
      const saying = async (script: string, mode = 0o700) => {
        writeFileSync(program, script, { mode });
        return (await refusalOf(dir, { CRAFTING_NATS_SERVER: program })).message;
      };
      assert.match(await saying('#!/bin/sh\nexit 3\n'), /it ended with exit code 3 and said nothing\.$/);
      const bound =
        '[1] 2026/01/01 10:00:00.1 [FTL] Error listening on port: 0.0.0.0:4222, "bind: address already in use".';
      assert.match(
        await saying(`#!/bin/sh\necho '${bound}' >&2; exit 1\n`),
        /address of CRAFTING_NATS_LISTEN is taken .*\(Error list/,
      );
      const absent = await refusalOf(dir, { CRAFTING_NATS_SERVER: join(dir, 'absent') });
      assert.match(absent.message, /is not installed; install it, or set CRAFTING_NATS_SERVER or CRAFTING_NATS_URL/);
      writeFileSync(join(dir, 'plain'), 'text', { mode: 0o600 });
      assert.match((await refusalOf(dir, { CRAFTING_NATS_SERVER: join(dir, 'plain') })).message, /cannot be run/);
    }));

  it('says that the log did not answer, and that another start may do', () =>
    inTempDir(async (dir) => {
      // Lets everybody in, and answers nothing that it is asked.
      const mute = createServer((socket) => {
        const facts = {
          server_id: 'mute',
          version: '2.10.0',
          proto: 1,
          headers: true,
          jetstream: true,
          max_payload: 1e6,
        };
        socket.write(`INFO ${JSON.stringify(facts)}\r\n`);
        socket.on('data', (sent) => void (/^PING\r$/m.test(String(sent)) && socket.write('PONG\r\n')));
        socket.on('error', () => {});
      });
      await once(mute.listen(0, '127.0.0.1'), 'listening');
      const { port } = mute.address() as AddressInfo;
      try {
        const env = { CRAFTING_NATS_URL: `nats://127.0.0.1:${port}` };
        const { message } = await refusalOf(dir, env, 'unavailable');
        assert.match(message, /^The log did not do what a start asks of it \(.*timeout.*\); .* start again\.$/);
      } finally {
        mute.close();
      }
    }));

  it('names the certificate that cannot be read, and the file of credentials', () =>
    inTempDir(async (dir) => {
      const tls = { CRAFTING_NATS_TLS_CERT: join(dir, 'c.pem'), CRAFTING_NATS_TLS_KEY: join(dir, 'k.pem') };
      assert.match((await refusalOf(dir, tls)).message, /^CRAFTING_NATS_TLS_CERT names .* cannot be read/);
      const creds = { CRAFTING_NATS_URL: 'nats://127.0.0.1:1', CRAFTING_NATS_CREDS: join(dir, 'no.creds') };
      assert.match((await refusalOf(dir, creds)).message, /^CRAFTING_NATS_CREDS names .* cannot be read/);
    }));

  it('does not take a file that is no lock for another farm', () =>
    inTempDir(async (dir) => {
      const { message } = await (async () => {
        const farm = await start(testConfig(dir, roles), silent);
        await farm.close();
        writeFileSync(join(dir, 'data', 'lock.db'), 'this is no database '.repeat(100));
        return refusalOf(dir, {});
      })();
      assert.match(message, /lock\.db: .*it may be removed/);
    }));

  it('ends the command with 78 and a line for each variable that is wrong', () =>
    inTempDir(async (dir) => {
      const wrong = {
        CRAFTING_PORT: 'x',
        CRAFTING_SLOTS: '0',
        CRAFTING_SECRET_KEY: 'abc',
        CRAFTING_NATS_TLS_CERT: 'c',
      };
      const { said, code } = await up(dir, wrong);
      assert.equal(code, 78, said);
      assert.deepEqual(
        said
          .trim()
          .split('\n')
          .map((line) => line.split(' ')[0])
          .sort(),
        Object.keys(wrong).sort(),
      );
      assert.doesNotMatch(said, /abc/);
      writeFileSync(join(dir, '.env'), Buffer.from([0xff, 0xfe, 0]));
      assert.equal((await up(dir, { CRAFTING_HOST: '203.0.113.5' })).code, 78);
    }));
});
