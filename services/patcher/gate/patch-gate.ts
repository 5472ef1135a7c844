import { fork } from 'node:child_process';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PatchMethod } from '../../../events/projects/project.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { Patch } from '../../floor/changed-file.ts';
import type { Step } from '../attempt-steps.ts';
import { readTexts } from '../read-texts.ts';
import type { TurnFailed } from '../rules/drafting/next-turn.ts';
import type { Objection } from '../rules/policy/define.ts';
import type { Judged } from '../rules/policy/reading/judged-patch.ts';
import type { RunnerSettings } from '../rules/roles/define.ts';
import { readRunnerSettings, settingNames } from '../rules/roles/runner-settings.ts';

const limits = { ms: 120_000, mb: 1_024 };

/**
 * What speaks against a patch, judged in a process of its own: grammars are foreign code, and V8 has ended whole processes
 * when it freed theirs. One that takes longer than `ms` milliseconds or more than `mb` megabytes is refused: what cannot be
 * read is not understood.
 */
export async function judgeOffThread(
  judged: Judged,
  { ms, mb }: typeof limits = limits,
): Promise<readonly Objection[]> {
  const execArgv = [`--max-old-space-size=${mb}`, '--disable-warning=ExperimentalWarning'];
  const judge = fork(fileURLToPath(new URL('./gate-worker.ts', import.meta.url)), [], {
    execArgv,
    env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
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
      judge.once('message', (said) => resolve((said as Objection[] | null) ?? refused('the patch nests too deeply')));
      judge.once('error', reject);
      // Not at its exit: that is heard before its answer when another child ends in the same turn of the loop.
      judge.once('close', (code, signal) =>
        code === 1
          ? reject(new Error('The process that judges patches has failed.'))
          : resolve(
              refused(
                signal === 'SIGABRT' || code === 134
                  ? `the patch could not be read within ${mb} MB of memory`
                  : `the patch could not be read (${signal ?? code})`,
              ),
            ),
      );
      // One that has died already says so by its end.
      judge.send(judged, () => {});
    });
  } finally {
    clearTimeout(timer);
    judge.kill('SIGKILL');
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
  const judged = await (deps.judge ?? judgeOffThread)({
    files,
    subproject: patch.subproject,
    method,
    // Where no finding is mended, none says which files may change.
    ...(patch.bottle === null ? { findings: members.map(foundAt) } : {}),
    settings: await settingsFor(step),
    ...(owned ? { ownedLockFiles: owned } : {}),
  });
  const objections = judged.length > 0 ? judged : ((await deps.secrets?.scan(files)) ?? []);
  const [first] = objections;
  if (!first) return null;
  const lines = objections
    .slice(0, 20)
    .map(({ rule, path, line, why }) => `${path}${line ? `:${line}` : ''}: ${rule}: ${why}`);
  return { step: 'policy', reason: first.rule, detail: lines.join('\n') };
}

const foundAt = ({ file, line, code, kind, message }: FindingDoc) => ({ file, line, code, kind, message });

/** What the runners' settings at the base commit, and the project's own commands, say about paths. */
async function settingsFor(step: Step): Promise<RunnerSettings> {
  const { patch, deps } = step;
  const folders = new Set(['.', patch.subproject]);
  const paths = [...folders].flatMap((folder) => settingNames.map((name) => posix.join(folder, name)));
  const found = deps.models.query().projects.find(patch.project);
  const commands = (found?.subprojects ?? []).flatMap(({ path: folder, build, test, lint, audit }) =>
    [build, test, lint, audit].flatMap((command) => (command === undefined ? [] : [{ folder, command }])),
  );
  return readRunnerSettings(await readTexts(paths, step), commands);
}
