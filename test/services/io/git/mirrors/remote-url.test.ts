import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAppError } from '../../../../../services/floor/app-error.ts';
import { parseRemoteUrl } from '../../../../../services/io/git/mirrors/remote-url.ts';

const good: [text: string, url: string, kind: string, credential?: object][] = [
  ['https://Example.org/a/b.git', 'https://example.org/a/b.git', 'http'],
  ['https://example.org/a/b/', 'https://example.org/a/b', 'http'],
  ['http://example.org:3000/a', 'http://example.org:3000/a', 'http'],
  ['https://u:p%40ss@example.org/a', 'https://example.org/a', 'http', { username: 'u', password: 'p@ss' }],
  ['https://token@example.org/a', 'https://example.org/a', 'http', { password: 'token' }],
  ['https://:secret@example.org/a', 'https://example.org/a', 'http', { password: 'secret' }],
  ['ssh://git@example.org:2222/a/b.git', 'ssh://git@example.org:2222/a/b.git', 'ssh'],
  ['ssh://example.org/a', 'ssh://example.org/a', 'ssh'],
  ['git@example.org:a/b.git', 'git@example.org:a/b.git', 'ssh'],
  ['git@[::1]:a/b.git', 'git@[::1]:a/b.git', 'ssh'],
  ['/srv/with space/a.git/', '/srv/with space/a.git', 'local'],
  ['/srv/../srv//a', '/srv/a', 'local'],
  ['file:///srv/a%20b', '/srv/a b', 'local'],
];

for (const [text, url, kind, credential] of good) {
  test(`the address ${text} is read`, () => {
    const expected = credential === undefined ? { url, kind } : { url, kind, credential };
    assert.deepEqual(parseRemoteUrl(text, { allowLocal: true }), expected);
  });
}

const bad = [
  '',
  '-oProxyCommand=secret',
  '--upload-pack=secret',
  'ext::sh -c secret',
  'fd::17/secret',
  'git://example.org/secret',
  'ftp://example.org/secret',
  'javascript:secret',
  'secret/relative',
  '../secret',
  'https://',
  'https://example.org/a b/secret',
  'https://example.org/a\nsecret',
  'https://example.org/a\u0000secret',
  'https://example.org/a?token=secret',
  'https://example.org/a#secret',
  'https://secret%zz@example.org/a',
  'ssh://git:secret@example.org/a',
  'ssh://-oProxyCommand=secret/a',
  'ssh://-secret@example.org/a',
  'git@-oProxyCommand=secret:a',
  'git@example.org:-secret',
  'git@example.org:',
  'file://example.org/secret',
  'file:///a%0Asecret',
  `https://example.org/${'secret'.repeat(400)}`,
];

for (const text of bad) {
  test(`the address ${JSON.stringify(text).slice(0, 60)} is refused, and not repeated`, () => {
    assert.throws(
      () => parseRemoteUrl(text, { allowLocal: true }),
      (error) => isAppError(error, 'invalid') && !error.message.includes('secret'),
    );
  });
}

test('local paths are refused where they are not allowed', () => {
  for (const text of ['/srv/a', 'file:///srv/a']) {
    assert.throws(() => parseRemoteUrl(text, { allowLocal: false }), /local repositories are not allowed/);
  }
});
