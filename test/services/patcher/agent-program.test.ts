import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { mendingLinter } from '../../support/mending-linter.ts';
import { paced } from '../../support/pace.ts';
import { openPatchFarm, type PatchFarm } from '../../support/patch-farm.ts';
import { forgeToken } from '../../support/patch-parts.ts';
import { until } from '../../support/until.ts';

const files = { 'lint.pl': mendingLinter(), 'src/a.js': 'const c = "worse";\nconst d = 1;\n' };

/** Answers the n-th question about a project with the n-th file of its folder, and keeps what it was asked. */
const program = `
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
const root = process.argv[2];
let prompt = '';
for await (const piece of process.stdin) prompt += piece;
const project = /"project":"([^"]+)"/.exec(prompt)[1];
const turn = readdirSync(root + '/' + project).filter((name) => name.startsWith('asked')).length + 1;
writeFileSync(root + '/' + project + '/asked-' + turn, prompt);
writeFileSync(root + '/' + project + '/environment', JSON.stringify({ ...process.env, cwd: process.cwd(), pid: process.pid }));
const answer = root + '/' + project + '/answer-' + turn;
const text = existsSync(answer) ? readFileSync(answer, 'utf8') : '';
if (text === 'hang') setInterval(() => {}, 1000);
else if (text === '') { console.error('no model is configured'); process.exit(3); }
else process.stdout.write(text);
`;
const edit = (search: string, replace: string) =>
  JSON.stringify({ edits: [{ file: 'src/a.js', search, replace }], explanation: 'So.', confidence: 0.5 });
const good = edit('"worse"', '"fine"');

describe('an agent that is a program of this machine', () => {
  let farm: PatchFarm;
  let shown: string;
  let root: string;
  before(async () => {
    shown = mkdtempSync(join(tmpdir(), 'ct-agent-program-'));
    writeFileSync(join(shown, 'agent.mjs'), program);
    farm = await openPatchFarm({
      files,
      agent: false,
      // Its HOME is all that it shares with us.
      env: { CRAFTING_AGENT_COMMAND: `node '${shown}/agent.mjs' "$HOME"`, CRAFTING_SANDBOX_SHOW: shown },
      config: (config) => ({ ...config, patcher: { ...config.patcher, turnTimeoutSecs: paced(2_000) / 1000 } }),
    });
    root = join(farm.dir, 'data', 'agent-home');
    mkdirSync(root, { mode: 0o700 });
  });
  after(async () => {
    await farm.close();
    rmSync(shown, { recursive: true, force: true, maxRetries: 5 });
  });

  const answered = async (name: string, ...answers: string[]): Promise<Json> => {
    mkdirSync(join(root, name));
    for (const [index, text] of answers.entries()) writeFileSync(join(root, name, `answer-${index + 1}`), text);
    return farm.mend(await farm.seen(name), 'no-worse');
  };
  const asked = (name: string, turn: number) => readFileSync(join(root, name, `asked-${turn}`), 'utf8');
  const environment = (name: string) => JSON.parse(readFileSync(join(root, name, 'environment'), 'utf8'));

  it('reads the prompt on its standard input, and what it prints is proven and proposed', async () => {
    const attempt = await answered('plain', `Thinking...\n\`\`\`json\n${good}\n\`\`\`\n`);
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
    assert.equal(attempt.method, 'agent');
    assert.deepEqual(
      attempt.sessions.map(({ adapter, model, closed }: Json) => [adapter, model, closed]),
      [['command', null, true]],
    );
    assert.match(git(farm.parts.bare, 'show', `${attempt.branch}:src/a.js`), /"fine"/);
    assert.match(asked('plain', 1), /const c = "worse";/);
  });

  it('is told again all that was said, with the exact error', async () => {
    const attempt = await answered('again', edit('"worse"', '"evil"'), good);
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
    const [{ detail }] = attempt.sent_back;
    assert.match(detail, /no-evil/);
    const second = asked('again', 2);
    assert.ok(second.includes(detail) && second.includes('You write a patch'), second);
    assert.match(second, /\\?"evil\\?"/, 'its own answer is told, too');
    assert.equal(attempt.sessions.length, 1);
  });

  it('sees no secret of the farm, and works outside of the repository', async () => {
    await answered('blind', good);
    const seen = environment('blind');
    assert.deepEqual(
      Object.keys(seen).filter((name) => name.startsWith('CRAFTING_')),
      [],
    );
    assert.ok(!JSON.stringify(seen).includes(forgeToken) && !asked('blind', 1).includes(forgeToken));
    assert.ok(!existsSync(join(seen.cwd, '.git')) && !existsSync(join(seen.cwd, 'src')));
  });

  it('is ended when it takes too long, and asked once more', async () => {
    mkdirSync(join(root, 'slow'));
    writeFileSync(join(root, 'slow', 'answer-1'), 'hang');
    writeFileSync(join(root, 'slow', 'answer-2'), good);
    const seen = await farm.seen('slow');
    const mending = farm.mend(seen, 'no-worse');
    const { cwd } = await until(() => existsSync(join(root, 'slow', 'environment')) && environment('slow'));
    await until(() => !isAtWorkIn(cwd));
    const attempt = await mending;
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
    assert.deepEqual(
      attempt.sent_back.map(({ step, reason }: Json) => [step, reason]),
      [['agent', 'agent_timeout']],
    );
  });

  it('ends the attempt with its own last words when it fails each time', async () => {
    const attempt = await answered('failing');
    assert.equal(attempt.status, 'declined');
    assert.equal(attempt.failure.step, 'agent');
    assert.match(attempt.failure.detail, /no model is configured/);
    assert.equal(readdirSync(join(root, 'failing')).filter((name) => name.startsWith('asked')).length, 3);
    await farm.settled(attempt.id, ({ sessions }) => sessions.every(({ closed }: Json) => closed));
  });
});

/** Whether a process of this machine works in that folder. */
function isAtWorkIn(cwd: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === cwd;
    } catch {
      return false;
    }
  });
}
