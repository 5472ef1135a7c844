import { AppError } from '../../floor/app-error.ts';
import { runProgram } from '../programs/run-program.ts';
import { withSettings } from './mirrors/git-environment.ts';

type FolderGit = {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What git may talk to, as GIT_ALLOW_PROTOCOL says it; nothing unless told. */
  readonly protocols?: string;
  /** The folder is itself the repository: somebody named it. */
  readonly bare?: boolean;
  /** Ends it. */
  readonly signal?: AbortSignal;
};

// Each of these names a program, or lets git run one in another repository.
const settings: readonly [string, string][] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.sshCommand', 'false'],
  ['core.gitProxy', ''],
  ['core.askPass', 'false'],
  ['core.pager', 'cat'],
  ['core.editor', 'false'],
  ['core.alternateRefsCommand', 'true'],
  ['core.untrackedCache', 'false'],
  ['credential.helper', ''],
  ['diff.external', ''],
  ['log.showSignature', 'false'],
  ['gpg.program', 'false'],
  ['gpg.ssh.program', 'false'],
  ['gpg.x509.program', 'false'],
  ['status.submoduleSummary', 'false'],
  ['submodule.recurse', 'false'],
  ['protocol.ext.allow', 'never'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  // A folder in the work tree that looks like a repository is none, unless somebody names it.
  ['safe.bareRepository', 'explicit'],
];
const ofPrograms = /^(filter\..*\.(clean|smudge|process|required)|diff\..*\.(command|textconv)|merge\..*\.driver)$/is;
const mostDrivers = 500;

/**
 * Runs git in a folder that a stranger may have made, and answers what it prints. It obeys the user's own settings, and
 * nothing in the repository's that starts a program. It writes nothing there, not even a refreshed index. Throws what
 * runProgram throws, and AppError('invalid') for a repository with too many drivers.
 */
export async function folderGit(args: readonly string[], folder: FolderGit): Promise<string> {
  const { cwd, bare = false, signal } = folder;
  const where = bare ? [`--git-dir=${cwd}`] : [];
  const safe = guarded(folder);
  const names = await runProgram('git', [...where, 'config', '--list', '--show-scope', '--name-only', '-z'], {
    cwd,
    env: safe,
  }).catch(() => ({ stdout: '' }));
  const drivers = driversOf(names.stdout);
  if (drivers.length > mostDrivers)
    throw new AppError('invalid', `The git settings of ${cwd} name more than ${mostDrivers} programs.`);
  const off = drivers.map((name): [string, string] => [name, inert(name)]);
  const all = withSettings(safe, off);
  return (await runProgram('git', [...where, ...args], { cwd, env: all, ...(signal ? { signal } : {}) })).stdout;
}

function inert(name: string): string {
  if (/\.required$/i.test(name)) return 'false';
  // An empty one is taken for a program, and fails.
  return /\.textconv$/i.test(name) ? 'cat' : '';
}

/** Whether a folder is itself a repository without a work tree. */
export async function isBare(cwd: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const answer = await folderGit(['rev-parse', '--is-bare-repository'], { cwd, env, bare: true }).catch(() => '');
  return answer.trim() === 'true';
}

function guarded({ env, protocols = 'none' }: FolderGit): Record<string, string> {
  const own = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const quiet = {
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: protocols,
    GIT_PAGER: 'cat',
    LC_ALL: 'C',
  };
  return withSettings({ ...Object.fromEntries(own), ...quiet }, settings);
}

/** The programs that the repository's own settings name for the user's files; those of the user stay. */
function driversOf(listed: string): string[] {
  const fields = listed.split('\0');
  const names = new Set<string>();
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [scope, name = ''] = [fields[at], fields[at + 1]];
    if ((scope === 'local' || scope === 'worktree') && ofPrograms.test(name)) names.add(name);
  }
  return [...names];
}
