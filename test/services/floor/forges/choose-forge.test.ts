import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { chooseForge } from '../../../../services/floor/forges/choose-forge.ts';

const config = {
  giteaUrl: 'https://git.example.org:3000/forge/',
  giteaToken: 'x',
  githubUrl: 'https://api.github.com',
  githubToken: 'y',
};
const choose = (url: string, more = {}): string => {
  const { kind, repository } = chooseForge(url, { ...config, ...more });
  return `${kind} ${repository}`;
};

describe('the forge of a git address', () => {
  const cases: [string, string][] = [
    ['https://git.example.org:3000/forge/acme/shop.git', 'gitea acme/shop'],
    ['https://GIT.example.org:3000/forge/acme/shop', 'gitea acme/shop'],
    ['ssh://git@git.example.org:2222/acme/shop.git', 'gitea acme/shop'],
    ['git@git.example.org:acme/shop.git', 'gitea acme/shop'],
    ['git@git.example.org:/acme/shop.git', 'gitea acme/shop'],
    ['https://git.example.org/forge/acme/shop.git', 'none null'],
    ['https://git.example.org:3000/acme/shop.git', 'none null'],
    ['https://git.example.org:3000/forge/acme/deep/shop.git', 'none null'],
    ['https://git.example.org:3000/forge/acme/..', 'none null'],
    ['https://git.example.org:3000/forge/acme/.git', 'none null'],
    ['https://git.example.org:3000/forge/acme/a%2Fb', 'none null'],
    ['https://github.com/acme/shop.js.git', 'github acme/shop.js'],
    ['git@github.com:acme/shop.git', 'github acme/shop'],
    ['ssh://git@ssh.github.com:443/acme/shop.git', 'github acme/shop'],
    ['https://github.com.evil.example/acme/shop', 'none null'],
    ['https://evil.example/github.com/acme', 'none null'],
    ['/srv/git/shop.git', 'none null'],
    ['file:///srv/git/shop.git', 'none null'],
    ['', 'none null'],
  ];
  for (const [url, expected] of cases)
    it(`of ${JSON.stringify(url)} is ${expected}`, () => assert.equal(choose(url), expected));

  it('is that of an installation of GitHub, and never both that and github.com', () => {
    for (const githubUrl of [
      'https://ghe.example.org/api/v3',
      'https://ghe.example.org',
      'https://api.ghe.example.org',
    ]) {
      assert.equal(choose('https://ghe.example.org/acme/shop', { githubUrl }), 'github acme/shop');
      assert.equal(choose('git@ghe.example.org:acme/shop', { githubUrl }), 'github acme/shop');
      assert.equal(choose('https://github.com/acme/shop', { githubUrl }), 'none null');
    }
  });

  it('is none where nothing is set up, save github.com', () => {
    const nothing = { giteaUrl: null, githubUrl: null };
    assert.equal(choose('https://git.example.org:3000/forge/acme/shop', nothing), 'none null');
    assert.equal(choose('https://github.com/acme/shop', nothing), 'github acme/shop');
  });

  it('is never a failure, and names two plain segments or nothing', () => {
    const words = fc.constantFrom(
      'https://',
      'git@',
      'github.com',
      ':',
      '/',
      '..',
      'acme',
      '.git',
      '%2e',
      '@',
      '[',
      ']',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((parts) => parts.join('')),
        ),
        (url) => {
          const { repository } = chooseForge(url, config);
          assert.match(repository ?? 'a/b', /^(?!\.+\/)[\w.-]+\/(?!\.+$)[\w.-]+$/);
        },
      ),
    );
  });
});
