import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type TestFarm, withFarm } from '../../support/farm.ts';
import { git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { mendingLinter } from '../../support/mending-linter.ts';
import { type PatchParts, type PatchPartsOptions, withPatchParts } from '../../support/patch-parts.ts';

const files = { 'lint.pl': mendingLinter(), 'src/a.js': 'const a = "bad";\nconst c = "worse";\nconst d = 1;\n' };
const subprojects = [{ path: '.', language: 'javascript', lint: 'perl lint.pl # eslint -f json' }];

type Scene = { farm: TestFarm; parts: PatchParts; job: string; findings: Json[] };

/** A farm whose project `p` lives on the forge, after its first lint job. */
async function withProject(
  options: Partial<PatchPartsOptions> & { project?: object },
  work: (scene: Scene) => Promise<void>,
) {
  await withPatchParts({ files, ...options }, (parts) =>
    withFarm(
      async (farm) => {
        const { http } = farm;
        const made = await http.post('/projects', {
          name: 'p',
          git_url: parts.gitUrl,
          subprojects,
          ...options.project,
        });
        assert.equal(made.status, 201, made.text);
        const job = (await http.post('/projects/p/jobs', { recipe: 'lint' })).json.job_id;
        assert.equal((await http.ended(job)).reason, 'exited');
        const { findings } = (await http.get(`/jobs/${job}/findings`)).json;
        await work({ farm, parts, job, findings });
      },
      { env: parts.env },
    ),
  );
}

const byCode = (findings: Json[], code: string) => findings.find((one) => one.code === code);
const mend = JSON.stringify({
  edits: [{ file: 'src/a.js', search: '"worse"', replace: '"fine"' }],
  explanation: 'It was not good.',
  confidence: 0.8,
});

describe('a patch on a forge', () => {
  it('opens one pull request with the evidence and where it comes from', () =>
    withProject({}, async ({ farm: { http }, parts, job, findings }) => {
      const { json, text } = await http.post(`/jobs/${job}/patches?wait=300`, {
        finding_id: byCode(findings, 'no-bad').id,
      });
      const { attempt } = json;
      assert.equal(attempt.status, 'pr_opened', text);
      const [pull] = parts.forge.pulls;
      assert.equal(pull?.number, attempt.pr_number);
      assert.equal(parts.forge.pulls.length, 1);
      assert.deepEqual(parts.branches(), [attempt.branch]);
      assert.match(pull?.body ?? '', /no-bad/);
      assert.match(pull?.body ?? '', /Provenance/);
      assert.match(pull?.body ?? '', /never merges/);
      const apiCalls = Object.entries(parts.forge.calls).filter(([key]) => key.startsWith('gitea'));
      assert.ok(apiCalls.reduce((sum, [, count]) => sum + count, 0) <= 4, JSON.stringify(apiCalls));
    }));

  it('asks the agent where the tool offers nothing, and closes the conversation', () =>
    withProject(
      { answer: () => `Here you are:\n\`\`\`json\n${mend}\n\`\`\`\nDone.` },
      async ({ farm: { http }, parts, job, findings }) => {
        const { json, text } = await http.post(`/jobs/${job}/patches?wait=300`, {
          finding_id: byCode(findings, 'no-worse').id,
        });
        assert.equal(json.attempt.status, 'pr_opened', text);
        assert.equal(json.attempt.method, 'agent');
        assert.equal(json.attempt.confidence, 0.8);
        assert.deepEqual(
          json.attempt.sessions.map(({ closed }: Json) => closed),
          [true],
        );
        assert.equal(parts.agent?.sessions.size, 1);
        assert.ok([...(parts.agent?.sessions.values() ?? [])].every(({ closed_at }) => closed_at !== null));
        assert.equal(git(parts.bare, 'show', `${json.attempt.branch}:src/a.js`).split('\n')[1], 'const c = "fine";');
      },
    ));
});
