import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMember } from '../../../recipes/detection/package-json.ts';
import { globStart, globStep, readGlob } from '../../../recipes/detection/path-glob.ts';
import { changedPaths } from '../../../services/bottles/rules/changed-paths.ts';
import { readRequest } from '../../../services/bottles/rules/json-rpc.ts';
import { resolveManifest } from '../../../services/bottles/rules/resolve-manifest.ts';
import { isAppError } from '../../../services/floor/app-error.ts';
import { parseCidrs } from '../../../services/floor/cidr.ts';
import { coversRepository } from '../../../services/floor/forges/repository-pattern.ts';
import { parseRemoteUrl } from '../../../services/io/git/mirrors/remote-url.ts';
import { placeHunks } from '../../../services/io/git/patches/apply/hunk-places.ts';
import { readLooseDiff } from '../../../services/io/git/patches/apply/loose-diff.ts';
import { isLetIn } from '../../../services/jobs/rules/secret-rules.ts';
import { readReply } from '../../../services/patcher/rules/agent/agent-reply.ts';
import { roleOf } from '../../../services/patcher/rules/roles/role-of.ts';
import { readRunnerSettings } from '../../../services/patcher/rules/roles/runner-settings.ts';
import { isHostPattern } from '../../../services/projects/rules/confinement-fields.ts';
import { cleanPath, isBranchName, projectDocument } from '../../../services/projects/rules/project-document.ts';
import { documentFaults } from '../../../services/recipe-sets/rules/set-recipes.ts';
import { scheduleFaults } from '../../../services/scheduler/rules/schedule-words.ts';
import { nextSlots } from '../../../services/scheduler/rules/slots-between.ts';
import { commandIn } from '../../../services/work/rules/work-command.ts';
import { openFarm } from '../../support/farm.ts';
import { chance, hostileWord } from '../../support/hostile-words.ts';

/** What one text may cost at most, in ms of CPU of this thread: under it nobody notices that it was read. */
const mostCpuMs = 250;
const texts = 10_000;

const ignoring = (read: (text: string) => unknown) => (text: string) => {
  try {
    read(text);
  } catch (error) {
    if (!isAppError(error)) throw error;
  }
};
const document = (text: string) => ({
  name: 'x',
  git_url: 'https://example.org/x.git',
  default_branch: text,
  notify: { email: text },
  subprojects: [{ path: text, language: 'sh', test: 'true', reports: [text] }],
});
const walk = (text: string) => {
  const glob = readGlob(text);
  if (typeof glob === 'string') return;
  let state: ReturnType<typeof globStep> = globStart(glob);
  for (const name of ['a'.repeat(255), 'b', 'aaab', '.a', ...Array(60).fill('a')])
    state = state && globStep(glob, state, name);
};

/** Files of a repository that say where tests lie, and how they are run. */
const settings = [
  'package.json',
  'pyproject.toml',
  'setup.cfg',
  'pytest.ini',
  'tox.ini',
  'pom.xml',
  'build.gradle',
  'Makefile',
  'Rakefile',
  '.rspec',
  'jest.config.js',
  'phpunit.xml',
  'Cargo.toml',
];
const inSet = (text: string) => ({
  subprojects: [
    {
      path: text,
      language: text,
      test: text,
      reports: [text],
      secrets: [text],
      needs: [text],
      network: { allow: [text] },
    },
  ],
  notify: { email: text },
  schedule: { test: text },
});

/** Every field that a user, a repository or an agent writes and the service's own thread evaluates, with its longest text. */
const fields: [field: string, longest: number, evaluate: (text: string) => unknown][] = [
  ['reports', 256, walk],
  [
    'schedule',
    128,
    (text) => {
      if (scheduleFaults({ test: text }).length === 0) nextSlots({ when: text, timezone: 'Europe/Berlin' }, 0, 5);
    },
  ],
  ['timezone', 64, (text) => scheduleFaults({ timezone: text, test: '0 0 * * *' })],
  ['ip_cidrs', 64, ignoring((text) => parseCidrs([text]))],
  ['default_branch', 255, isBranchName],
  ['path', 512, cleanPath],
  ['network.allow', 255, isHostPattern],
  ['git_url', 2048, ignoring((text) => parseRemoteUrl(text, { allowLocal: false }))],
  [
    'a whole document',
    320,
    ignoring((text) =>
      projectDocument(document(text), {
        owner: 'x',
        gitUrl: 'https://example.org/x.git',
        refs: { credential_ref: null, email_ref: null, assignees_ref: null },
      }),
    ),
  ],
  [
    'workspaces of a package.json',
    2048,
    (text) => isMember({ workspaces: [text] } as never, 'a', `a/${'a/'.repeat(40)}b`),
  ],
  [
    'the branches of a secret',
    255,
    (text) => isLetIn([text], { branch: 'a'.repeat(255), snapshot: { default_branch: 'main' } } as never),
  ],
  ['the repositories of a grant', 255, (text) => coversRepository(text, `${'a/'.repeat(60)}b`)],
  [
    "an agent's manifest",
    512,
    ignoring((text) =>
      resolveManifest(
        'x',
        {
          x: { extends: text, program: text, hosts: [text], needs: [text], prompt: text },
          [text]: { extends: 'x' },
        } as never,
        {
          watchdogSecs: 1,
        },
      ),
    ),
  ],
  ['a line of a bottle', 2_000, (text) => readRequest(text)],
  ['a comment on an issue', 2_000, (text) => commandIn(text) ?? commandIn(`/crafting-table ${text}`)],
  ['a document of a recipe set', 320, (text) => documentFaults('x', Buffer.from(JSON.stringify(inSet(text))))],
  ['the text of a recipe set', 2_000, (text) => documentFaults('x', Buffer.from(text))],
  [
    'the settings of test runners',
    2_000,
    (text) =>
      roleOf(
        text.slice(0, 512),
        readRunnerSettings(new Map(settings.map((name) => [name, text])), [{ folder: '.', command: text }]),
      ),
  ],
  [
    'the paths of a diff',
    2_000,
    (text) => changedPaths(`diff --git a/${text} b/${text}\n--- a/${text}\n+++ b/${text}\n`),
  ],
  ["an agent's answer", 2_000, ignoring(readReply)],
  [
    "an agent's diff",
    2_000,
    (text) => {
      for (const { hunks } of readLooseDiff(`--- a/x\n+++ b/x\n@@ -1 +1 @@\n${text.replaceAll('/', '\n')}`))
        placeHunks('a\n'.repeat(50), hunks);
    },
  ],
];

for (const [field, longest, evaluate] of fields) {
  test(`${texts} hostile texts in ${field} cost next to nothing each`, () => {
    const pick = chance(field.length);
    let [most, worst] = [0, ''];
    for (let round = 0; round < texts; round += 1) {
      const text = hostileWord(pick, longest);
      const before = process.threadCpuUsage();
      evaluate(text);
      const { user, system } = process.threadCpuUsage(before);
      if (user + system > most) [most, worst] = [user + system, text];
    }
    assert.ok(most / 1000 < mostCpuMs, `${most / 1000} ms for ${JSON.stringify(worst)}`);
  });
}

test('a service that is sent 10,000 hostile patterns in documents goes on answering, and refuses them with a sentence', async () => {
  const farm = await openFarm({ env: { CRAFTING_ROLES: 'api' } });
  try {
    const pick = chance(7);
    const statuses = new Map<number, number>();
    for (let round = 0; round < 40; round += 1) {
      const reports = () => Array.from({ length: 16 }, () => hostileWord(pick, 256) || 'a');
      const subprojects = Array.from({ length: 16 }, (_, index) => ({
        path: `p${index}`,
        language: 'sh',
        test: 'true',
        reports: reports(),
      }));
      const body = {
        name: `h${round}`,
        git_url: 'https://example.org/x.git',
        subprojects,
        schedule: { test: hostileWord(pick, 128) || '*' },
      };
      const asked = farm.http.post('/projects', body);
      assert.equal((await farm.http.get('/healthz')).status, 200);
      const { status, json } = await asked;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status !== 201) assert.ok(json.detail.length > 10, JSON.stringify(json));
    }
    assert.deepEqual(
      [...statuses.keys()].filter((status) => status !== 201 && status !== 400),
      [],
    );
  } finally {
    await farm.close();
  }
});
