import { join } from 'node:path';
import type { PatchDoc } from '../projections/patches/patch-document.ts';
import { mendingLinter } from '../test/support/mending-linter.ts';
import { openPatchParts, type PatchParts } from '../test/support/patch-parts.ts';
import { askFor, type BenchFarm, inFolder, startBenchFarm } from './bench-farm.ts';

/** A farm in a process of its own, beside a forge and an agent's gateway in this one. */
export type ProposalFarm = {
  readonly farm: BenchFarm;
  readonly parts: PatchParts;
  /** Makes a project, and runs its linter once: the findings, and how long that took, in ms. */
  lint(name: string, order: { path: string; group?: boolean }): Promise<Linted>;
  propose(linted: Linted, code: string): Promise<Proposed>;
};

export type Linted = { readonly job: string; readonly findings: readonly Found[]; readonly ms: number };
type Found = { readonly id: number; readonly code: string };

/** A pull request, from the POST until it is open. Milliseconds; `beyond` leaves the verify job out. */
export type Proposed = {
  readonly patch: PatchDoc;
  readonly ms: number;
  readonly draft: number;
  readonly verify: number;
  readonly push: number;
  readonly open: number;
  readonly beyond: number;
};

/** How many findings of one rule lie in the folder `many`. */
export const manyFindings = 200;
const perFile = 10;
/** Folders `one-0` and so on: what was merged in one of them cannot be proposed there again. */
export const oneFolders = 14;

const files: Record<string, string> = {
  'many/lint.pl': mendingLinter(),
};
for (let n = 0; n < manyFindings / perFile; n += 1) {
  const lines = Array.from(
    { length: perFile },
    (_, line) => `const value${line} = "bad ${n} ${line}";\nuse(${line});\n`,
  );
  files[`many/src/file-${n}.js`] = lines.join('');
}

for (let n = 0; n < oneFolders; n += 1) {
  files[`one-${n}/lint.pl`] = mendingLinter();
  files[`one-${n}/src/a.js`] = 'const a = "bad";\nconst b = 1;\n';
  files[`one-${n}/src/b.js`] = 'const a = "worse";\nconst b = 1;\n';
}

function mend(prompt: string): string {
  const [file = ''] = /one-\d{1,3}\/src\/b\.js/.exec(prompt) ?? [];
  const edits = [{ file, search: '"worse"', replace: '"fine"' }];
  return JSON.stringify({ edits, explanation: 'It was not good.', confidence: 0.8 });
}

/** A farm, a forge and an agent for the time of some work. The agent answers at once. */
export async function withProposalFarm<T>(work: (scene: ProposalFarm) => Promise<T>): Promise<T> {
  return inFolder(async (dir) => {
    const parts = await openPatchParts({ files, answer: mend });
    try {
      const farm = await startBenchFarm({ dir: join(dir, 'data'), env: parts.env });
      try {
        return await work({
          farm,
          parts,
          lint: (name, order) => lint(name, order, { farm, parts }),
          propose: (linted, code) => propose(linted, code, farm),
        });
      } finally {
        await farm.close();
      }
    } finally {
      await parts.close();
    }
  });
}

type Order = { readonly path: string; readonly group?: boolean };

async function lint(
  name: string,
  { path, group = false }: Order,
  { farm, parts }: Pick<ProposalFarm, 'farm' | 'parts'>,
) {
  const subprojects = [{ path, language: 'javascript', lint: 'perl lint.pl # eslint -f json' }];
  await askFor(farm, 'POST', '/projects', { name, git_url: parts.gitUrl, subprojects, patch: { group } });
  const begin = performance.now();
  const { job_id } = await askFor<{ job_id: string }>(farm, 'POST', `/projects/${name}/jobs`, { recipe: 'lint' });
  // The log of a job that is followed ends with the job.
  await farm.ask('GET', `/jobs/${job_id}/log?follow=1`);
  const ms = performance.now() - begin;
  const { findings } = await askFor<{ findings: Found[] }>(farm, 'GET', `/jobs/${job_id}/findings`);
  return { job: job_id, findings, ms };
}

async function propose({ job, findings }: Linted, code: string, farm: BenchFarm): Promise<Proposed> {
  const finding = findings.find((one) => one.code === code);
  if (!finding) throw new Error(`the linter did not find ${code}`);
  const begin = performance.now();
  const { attempt: patch } = await askFor<{ attempt: PatchDoc }>(farm, 'POST', `/jobs/${job}/patches?wait=60`, {
    finding_id: finding.id,
  });
  const ms = performance.now() - begin;
  if (patch.status !== 'pr_opened') throw new Error(`a proposal ${patch.status}: ${JSON.stringify(patch.failure)}`);
  const between = (from: string | null, to: string | null) => Date.parse(to ?? '') - Date.parse(from ?? '');
  const verify = between(patch.drafted_at, patch.verified_at);
  return {
    patch,
    ms,
    draft: between(patch.requested_at, patch.drafted_at),
    verify,
    push: between(patch.verified_at, patch.pushed_at),
    open: between(patch.pushed_at, patch.pr_opened_at),
    beyond: ms - verify,
  };
}
