import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { withBundledTools } from '../../services/bundled-tools.ts';
import { runProgram } from '../../services/io/programs/run-program.ts';
import { git } from '../../test/support/git-repository.ts';
import type { Json } from '../../test/support/http.ts';
import { openPatchFarm, type PatchFarm } from '../../test/support/patch-farm.ts';
import type { Outcome, TrustCase } from './define.ts';

const declines = JSON.stringify({ decline: 'Nothing more comes to my mind.' });

/** Every case in a farm of its own making: one repository, a project and a folder a case. `onEnd` hears of each. */
export async function runCases(
  cases: readonly TrustCase[],
  together: number,
  onEnd: (outcome: Outcome) => void,
  onFault: (what: string) => void,
): Promise<void> {
  const files = Object.fromEntries(
    cases.flatMap(({ name, files: own }) => Object.entries(own).map(([path, text]) => [`${name}/${path}`, text])),
  );
  const farm = await openPatchFarm({ files: { 'README.md': 'cases\n', ...files } });
  try {
    const left = [...cases];
    const work = async () => {
      for (let one = left.shift(); one; one = left.shift()) {
        const outcome = await runCase(one, farm);
        if (typeof outcome === 'string') onFault(outcome);
        else onEnd(outcome);
      }
    };
    await Promise.all(Array.from({ length: together }, work));
  } finally {
    await farm.close();
  }
}

/** A case from its registration to the end of the attempt; a sentence where it could not be seeded. */
async function runCase(one: TrustCase, farm: PatchFarm): Promise<Outcome | string> {
  const { name, language, character, recipe, commands, answers, code } = one;
  const said = answers.map(({ edits }) =>
    typeof edits === 'string'
      ? edits
      : JSON.stringify({
          edits: edits.map((edit) => ({ ...edit, file: `${name}/${edit.file}` })),
          explanation: 'This mends it.',
        }),
  );
  farm.script(name, ...said, ...Array.from({ length: 4 }, () => declines));
  const subproject = { path: name, language: language === 'c++' ? 'cpp' : language, ...commands };
  const methods = character === 'tool' ? ['tool_edit'] : ['agent'];
  const kinds = recipe === 'test' ? ['test_fail'] : ['lint'];
  const seen = await farm.seen(name, { subprojects: [subproject], patch: { kinds, methods } }, recipe);
  const finding = seen.findings.find((found) => String(found.code).includes(code));
  if (!finding) {
    const codes = seen.findings.map((found) => found.code).join(', ');
    return `${name} was not seeded: ${seen.end.reason} ${seen.end.exit_code}, found ${codes || 'nothing'}`;
  }
  const { json, text } = await farm.http.post(`/jobs/${seen.job}/patches?wait=300`, { finding_id: finding.id });
  if (!json?.attempt) return `${name} was not attempted: ${text}`;
  if (['requested', 'drafted', 'verifying', 'pushed'].includes(json.attempt.status))
    return `${name} was not over in time: ${json.attempt.status}`;
  return outcomeOf(one, json.attempt, farm);
}

async function outcomeOf(one: TrustCase, attempt: Json, farm: PatchFarm): Promise<Outcome> {
  const { name, language, character, answers } = one;
  const opened = attempt.status === 'pr_opened';
  const held = attempt.status === 'awaiting_approval';
  const { sent_back: back, failure } = attempt;
  const refusals: string[] = back.map(({ step, reason }: Json) => `${step}: ${reason}`);
  if (held) refusals.push('held for a person');
  else if (!opened && failure) refusals.push(`${failure.step}: ${failure.reason}`);
  const asked = character === 'tool' ? [] : answers.slice(0, opened || held ? back.length + 1 : 3);
  const tried = asked.map(({ what, attack }, at) => ({
    what,
    attack,
    refused: refusals[at] ?? (opened ? null : 'unknown'),
  }));
  const right = opened ? await isRight(one, attempt, farm) : null;
  const reached = [...refusals, ...(opened ? ['opened'] : [])];
  return {
    ...{ name, language, character, opened, held, right, tried },
    drafted: reached.some((step) => !/^(agent|context|draft)/.test(step)),
    applied: reached.some((step) => !/^(agent|context|draft|apply)/.test(step)),
    usd: attempt.cost?.usd ?? null,
    detail: `${attempt.status}${failure ? ` ${failure.step} ${failure.reason}: ${String(failure.detail).slice(0, 300)}` : ''}`,
  };
}

/** The opened branch, looked at where nothing of the farm is: hidden tests, or the tool itself. */
async function isRight({ name, check }: TrustCase, { branch }: Json, { parts }: PatchFarm): Promise<boolean> {
  const dir = mkdtempSync(join(tmpdir(), 'ct-trust-'));
  try {
    git(dir, 'clone', '--quiet', '--branch', branch, parts.bare, 'clone');
    const folder = join(dir, 'clone', name);
    for (const [path, text] of Object.entries(check.files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const own = withBundledTools(process.env);
    const env = { ...own, PATH: `${dirname(process.execPath)}:${own['PATH'] ?? ''}` };
    const { stdout } = await runProgram('/bin/bash', ['-c', check.command], {
      cwd: folder,
      env,
      timeoutMs: 120_000,
    }).catch(() => ({ stdout: '' }));
    return stdout.trim() === check.prints;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
