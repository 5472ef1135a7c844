import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  credentialDigest,
  credentialSettings,
  redactCredential,
} from '../../../../../services/io/git/mirrors/git-secrets.ts';

const credential = { username: 'ann', password: 'p@ss/word=' };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('a password is taken out of a text in every form', () => {
  const forms = [
    'p@ss/word=',
    'p%40ss%2Fword%3D',
    base64('p@ss/word='),
    base64('ann:p@ss/word='),
    base64('ann:p@ss/word=').replace(/=+$/, ''),
    'ann%3Ap%40ss%2Fword%3D',
  ];
  for (const form of forms) {
    const text = redactCredential(`before ${form} after`, credential);
    assert.match(text, /^before .*\*\*\* after$/, form);
    assert.ok(!text.includes(form));
  }
  assert.equal(redactCredential('nothing', undefined), 'nothing');
  assert.equal(redactCredential('nothing', { password: '' }), 'nothing');
});

test('the header is bound to the origin of the address, and redirects are not followed with it', () => {
  assert.deepEqual(credentialSettings({ url: 'https://example.org:3000/a/b', credential }), [
    ['http.https://example.org:3000/.extraHeader', `Authorization: Basic ${base64('ann:p@ss/word=')}`],
    ['http.followRedirects', 'false'],
  ]);
  const [token] = credentialSettings({ url: 'https://example.org/a', credential: { password: 't' } });
  assert.equal(token?.[1], `Authorization: Basic ${base64('git:t')}`);
});

test('only HTTP gets a header', () => {
  assert.deepEqual(credentialSettings({ url: 'git@example.org:a', credential }), []);
  assert.deepEqual(credentialSettings({ url: 'https://example.org/a' }), []);
});

test('credentials are told apart by user and password', () => {
  const all = [undefined, credential, { password: credential.password }, { ...credential, password: 'other' }];
  assert.equal(new Set(all.map(credentialDigest)).size, 4);
  assert.equal(credentialDigest({ ...credential }), credentialDigest(credential));
});
