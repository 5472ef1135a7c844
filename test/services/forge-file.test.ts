import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readConfig } from '../../services/config.ts';
import { isAppError } from '../../services/floor/app-error.ts';
import { findForge } from '../../services/floor/forges/choose-forge.ts';
import { temporaryFolder } from '../support/git-repository.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ecPem = ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const lab = { name: 'lab', kind: 'forgejo', url: 'https://git.lab.example/forge/', token_file: 'lab.token' };
const all = [
  lab,
  {
    name: 'acme',
    kind: 'github',
    url: 'https://github.com',
    app: { id: '12', private_key_file: 'app.pem' },
    repositories: ['acme/*'],
  },
  { name: 'ghe', kind: 'github', url: 'https://ghe.example.org', token_file: 'lab.token' },
  { name: 'other', kind: 'gitea', url: 'https://git.other.example', token_file: 'lab.token' },
  { name: 'gl', kind: 'gitlab', url: 'https://gitlab.example.org', token_file: 'lab.token' },
];

function configOf(context: Parameters<typeof temporaryFolder>[0], forges: unknown, env: Record<string, string> = {}) {
  const dir = temporaryFolder(context);
  writeFileSync(join(dir, 'lab.token'), 'lab-secret-token\n');
  writeFileSync(join(dir, 'two.token'), 'secret one\n');
  writeFileSync(join(dir, 'app.pem'), pem);
  writeFileSync(join(dir, 'ec.pem'), ecPem);
  writeFileSync(join(dir, 'cut.pem'), pem.slice(0, 400) + pem.slice(-40));
  writeFileSync(join(dir, 'ca.pem'), '-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----\n');
  const file = join(dir, 'forges.json');
  writeFileSync(file, typeof forges === 'string' ? forges : JSON.stringify(forges));
  return readConfig({ ...env, CRAFTING_FORGES: file });
}

describe('the file of forges', () => {
  it('sets up several forges of each kind, and a repository is on the first that has it', (context) => {
    const { patcher } = configOf(context, all, { CRAFTING_GITHUB_TOKEN: 'farm' });
    assert.deepEqual(patcher.missing, []);
    for (const [url, wanted] of [
      ['https://git.lab.example/forge/team/app.git', 'lab gitea team/app token'],
      ['https://git.lab.example/team/app.git', 'none'],
      ['git@git.lab.example:team/app.git', 'lab gitea team/app token'],
      ['https://github.com/acme/shop', 'acme github acme/shop app'],
      ['https://github.com/Acme/Shop.git', 'acme github Acme/Shop app'],
      ['https://github.com/else/shop', 'github github else/shop token'],
      ['git@ghe.example.org:acme/shop.git', 'ghe github acme/shop token'],
      ['https://git.other.example/a/b', 'other gitea a/b token'],
      ['https://gitlab.example.org/group/sub/deep/app.git', 'gl gitlab group/sub/deep/app token'],
      ['git@gitlab.example.org:group/app.git', 'gl gitlab group/app token'],
      ['https://gitlab.example.org/app', 'none'],
      ['https://nowhere.example/a/b', 'none'],
    ] as const) {
      const found = findForge(url, patcher.forge);
      const said = found && [found.instance.name, found.instance.kind, found.repository, found.instance.secret?.kind];
      assert.equal(said?.join(' ') ?? 'none', wanted, url);
    }
  });

  it('has two forges of one host where the first of them names its repositories', (context) => {
    const second = { ...lab, name: 'rest' };
    const { patcher } = configOf(context, [{ ...lab, repositories: ['a/*'] }, second]);
    const nameOf = (path: string) => findForge(`git@git.lab.example:${path}`, patcher.forge)?.instance.name;
    assert.deepEqual([nameOf('a/b'), nameOf('c/d')], ['lab', 'rest']);
  });

  for (const [title, forges, words] of [
    ['no JSON', '{', /cannot be read as JSON/],
    ['no list', {}, /the whole: Expected array/],
    ['an unknown kind', [{ ...lab, kind: 'svn' }], /\/0\/kind: gitea, forgejo, github or gitlab/],
    ['an unknown field', [{ ...lab, tokn: 'x' }], /\/0\/tokn/],
    ['a password in an address', [{ ...lab, url: 'https://me:pass@git.example' }], /\/0\/url/],
    ['no credential', [{ ...lab, token_file: undefined }], /\/0: one of token_file and app/],
    ['a file that is not there', [{ ...lab, token_file: 'gone' }], /\/0\/token_file: gone cannot be read/],
    ['a file with more than a token', [{ ...lab, token_file: 'two.token' }], /\/0\/token_file: a file with one token/],
    [
      'an app elsewhere',
      [{ ...lab, token_file: undefined, app: { id: '1', private_key_file: 'app.pem' } }],
      /only GitHub has apps/,
    ],
    [
      'a key that is none',
      [{ ...all[1], app: { id: '1', private_key_file: 'lab.token' } }],
      /private_key_file: the PEM file/,
    ],
    ['a key that is cut', [{ ...all[1], app: { id: '1', private_key_file: 'cut.pem' } }], /the PEM file with the RSA/],
    ['a key of another kind', [{ ...all[1], app: { id: '1', private_key_file: 'ec.pem' } }], /with the RSA key/],
    ['a certificate that is none', [{ ...lab, ca_file: 'ca.pem' }], /\/0\/ca_file: a file of certificates in PEM/],
    ['a key as a certificate', [{ ...lab, ca_file: 'app.pem' }], /\/0\/ca_file: a file of certificates in PEM/],
    ['a name that comes twice', [lab, lab], /two forges are called lab/],
    [
      'a forge behind one that takes all of its host',
      [lab, { ...lab, name: 'second', url: 'http://GIT.lab.example/forge', repositories: ['a/*'] }],
      /lab and second are both at git\.lab\.example\/forge, and lab takes every repository/,
    ],
    [
      'repositories that two forges of a host name',
      [
        { ...lab, repositories: ['a/*', 'b/*'] },
        { ...lab, name: 'second', repositories: ['B/*'] },
      ],
      /both name the repositories B\/\*/,
    ],
  ] as const)
    it(`is refused with ${title}, and says where and what was expected`, (context) => {
      assert.throws(
        () => configOf(context, forges),
        (error) =>
          isAppError(error, 'misconfigured') && words.test(error.message) && !/secret|pass@/.test(error.message),
      );
    });
});
