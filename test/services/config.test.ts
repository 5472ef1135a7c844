import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConfig } from '../../services/config.ts';
import { isAppError } from '../../services/floor/app-error.ts';
import { parseCidrs } from '../../services/floor/cidr.ts';

describe('the configuration', () => {
  it('has a value for everything when nothing is set, and is frozen', () => {
    const config = readConfig({});
    assert.deepEqual([config.port, config.natsUrl, config.allowLocalRepos], [8810, null, false]);
    assert.ok(config.slots >= 1);
    assert.ok(Object.isFrozen(config));
    assert.ok(config.dataDir.startsWith('/'));
    assert.deepEqual(config.unknown, []);
  });

  const wrong: [string, string, RegExp][] = [
    ['CRAFTING_PORT', '70000', /a whole number from 0 to 65535; found "70000"/],
    ['CRAFTING_PORT', 'http', /a whole number from 0 to 65535; found "http"/],
    ['CRAFTING_SLOTS', '0', /a whole number from 1 to 1024; found "0"/],
    ['CRAFTING_SLOTS', '-1', /found "-1"/],
    ['CRAFTING_LAN_CIDRS', '10.0.0.0/33', /a comma-separated list of networks/],
    ['CRAFTING_ROLES', 'api,nobody', /a comma-separated list out of .*\bapi\b/],
    ['CRAFTING_ALLOW_LOCAL_REPOS', 'yes', /0 or 1; found "yes"/],
    ['CRAFTING_CONTAINMENT', 'docker', /one of auto, pid-namespace/],
    ['CRAFTING_LOG_LEVEL', 'loud', /one of trace/],
  ];
  for (const [name, value, words] of wrong)
    it(`refuses ${name}=${value} in a sentence that names it, what is expected and what was found`, () => {
      assert.throws(
        () => readConfig({ [name]: value }),
        (error) =>
          isAppError(error, 'misconfigured') &&
          error.message.startsWith(`${name} must be `) &&
          words.test(error.message),
      );
    });

  it('never shows a secret, nor a URL that may hold one', () => {
    const cases = { CRAFTING_SECRET_KEY: 'hunter2hunter2', CRAFTING_NATS_URL: 'http://u:hunter2hunter2@example.org' };
    for (const [name, value] of Object.entries(cases))
      assert.throws(
        () => readConfig({ [name]: value }),
        (error) =>
          isAppError(error, 'misconfigured') && error.message.includes(name) && !error.message.includes('hunter2'),
      );
  });

  it('names what looks like a variable of ours and is none', () => {
    assert.deepEqual(readConfig({ CRAFTING_PROT: '1', OTHER: '2' }).unknown, ['CRAFTING_PROT']);
  });
});

describe('a set of networks', () => {
  it('holds the addresses of its networks, IPv4 ones also in their IPv6 form', () => {
    const set = parseCidrs(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1']);
    assert.ok(set);
    for (const address of ['10.255.0.1', '192.0.2.7', '::ffff:10.1.2.3', '2001:db8:1::5', '::1', '2001:db8::1%eth0'])
      assert.equal(set.has(address), true, address);
    for (const address of ['11.0.0.1', '192.0.2.8', '::ffff:11.1.2.3', '2001:db9::1', '::2', '', 'localhost', '10.0.0'])
      assert.equal(set.has(address), false, address);
  });

  it('is not made of what is no network', () => {
    for (const text of ['10.0.0.0/33', '::/129', '10.0.0/8', 'all', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0.0/-1', ''])
      assert.equal(parseCidrs([text]), undefined, text);
  });
});
