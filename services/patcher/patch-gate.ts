import { posix } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PatchMethod } from '../../events/project.ts';
import type { FindingDoc } from '../../projections/findings.ts';
import type { Patch } from '../floor/changed-file.ts';
import type { Step } from './attempt-steps.ts';
import { readTexts } from './read-texts.ts';
import type { TurnFailed } from './rules/drafting/next-turn.ts';
import type { Objection } from './rules/policy/define.ts';
import type { Judged } from './rules/policy/judged-patch.ts';
import type { RunnerSettings } from './rules/roles/define.ts';
import { readRunnerSettings, settingNames } from './rules/roles/runner-settings.ts';

const limits = { ms: 120_000, mb: 1_024 };

/**
 * What speaks against a patch, judged in a thread of its own. One that takes longer than `ms` milliseconds or more than `mb`
 * megabytes is refused: what cannot be read is not understood.
 */
export async function judgeOffThread(
  judged: Judged,
  { ms, mb }: typeof limits = limits,
): Promise<readonly Objection[]> {
  const worker = new Worker(new URL('./gate-worker.ts', import.meta.url), {
    workerData: judged,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: mb, stackSizeMb: 8 },
  });
  const path = judged.files[0]?.path ?? '';
  const refused = (why: string): Objection[] => [{ rule: 'not_understood', path, line: null, why }];
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<readonly Objection[]>((resolve, reject) => {
      timer = setTimeout(
        () => resolve(refused(`the patch could not be read within ${Math.ceil(ms / 1000)} seconds`)),
        ms,
      );
      worker.once('message', resolve);
      worker.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ERR_WORKER_OUT_OF_MEMORY' || error instanceof RangeError
          ? resolve(refused(`the patch could not be read within ${mb} MB of memory`))
          : reject(error),
      );
      worker.once('exit', () => resolve(refused('the patch could not be read')));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

type Judging = { readonly method: PatchMethod; readonly owned?: readonly string[] | undefined };

/** Why the policy forbids a patch, or null. */
export async function objectionTo(
  { files }: Patch,
  { method, owned }: Judging,
  step: Step,
): Promise<TurnFailed | null> {
  const { patch, deps } = step;
  const { findings } = deps.models.query();
  const members = patch.members.flatMap(({ identity }) => findings.known(identity) ?? []);
  const objections = await judgeOffThread({
    files,
    subproject: patch.subproject,
    method,
    findings: members.map(foundAt),
    settings: await settingsFor(step),
    ...(owned ? { ownedLockFiles: owned } : {}),
  });
  const [first] = objections;
  if (!first) return null;
  const lines = objections
    .slice(0, 20)
    .map(({ rule, path, line, why }) => `${path}${line ? `:${line}` : ''}: ${rule}: ${why}`);
  return { step: 'policy', reason: first.rule, detail: lines.join('\n') };
}

const foundAt = ({ file, line, code, kind, message }: FindingDoc) => ({ file, line, code, kind, message });

/** What the runners' settings at the base commit, and the project's own commands, say about paths. */
export async function settingsFor(step: Step): Promise<RunnerSettings> {
  const { patch, deps } = step;
  const folders = new Set(['.', patch.subproject]);
  const paths = [...folders].flatMap((folder) => settingNames.map((name) => posix.join(folder, name)));
  const found = deps.models.query().projects.find(patch.project);
  const commands = (found?.subprojects ?? []).flatMap(({ path: folder, build, test, lint, audit }) =>
    [build, test, lint, audit].flatMap((command) => (command === undefined ? [] : [{ folder, command }])),
  );
  return readRunnerSettings(await readTexts(paths, step), commands);
}
