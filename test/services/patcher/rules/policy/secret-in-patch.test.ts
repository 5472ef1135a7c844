import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgePatch } from '../../../../../services/patcher/rules/policy/judge-patch.ts';
import { modified } from '../../../../support/patch-corpus.ts';

const refused = (line: string, path = 'src/a.ts') =>
  judgePatch(
    { files: [modified(path, 'const a = 1;\n', `const a = 1;\n${line}\n`)], subproject: '.', method: 'agent' },
    () => null,
  ).filter(({ rule }) => rule === 'secret_in_patch');
const chance = 'q7Zt0Xv3Lw9Pk2Rb8Nd5';

test('a patch that holds a secret is refused, and the refusal does not repeat it', () => {
  const secrets = [
    `const url = 'https://bot:${chance}@git.example/x.git';`,
    `const key = 'AKIA${'ABCDEFGHIJKLMNOP'}';`,
    `token = "ghp_${chance}${chance}"`,
    `npm_${chance}abcdefghijklmnop`,
    `api_key: "${chance}"`,
    `client_secret := "${chance}"`,
    '-----BEGIN RSA PRIVATE KEY-----',
    `https://hooks.slack.com/services/T0AAAAAAA/B0AAAAAAA/${chance}`,
  ];
  for (const line of secrets) {
    const [first] = refused(line);
    assert.equal(first?.line, 2, line);
    assert.ok(!first.why.includes(chance), first.why);
    assert.match(first.why, /own rules/);
  }
});

test('names of secrets without a value, and values that nobody drew by chance, pass', () => {
  const lines = [
    'const token = process.env.TOKEN;',
    "password = 'changeme-please'",
    "const apiKey = 'your-api-key-here';",
    "secret: 'aaaaaaaaaaaaaaaa'",
    "const label = 'the token of the user';",
    "url = 'https://git.example/x.git'",
  ];
  for (const line of lines) assert.deepEqual(refused(line), [], line);
});

test('a path with a control character is refused in words', () => {
  const found = judgePatch(
    { files: [modified('src/x\ny.ts', 'a\n', 'b\n')], subproject: '.', method: 'agent' },
    () => null,
  );
  assert.match(found.map(({ why }) => why).join(), /control character/);
});
