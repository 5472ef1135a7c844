import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gitEnvironment, globalGitConfig, withSettings } from '../io/git/mirrors/git-environment.ts';
import { remoteFailure } from '../io/git/mirrors/git-failure.ts';
import { createGitProcesses } from '../io/git/mirrors/git-processes.ts';
import { credentialSettings } from '../io/git/mirrors/git-secrets.ts';
import { isSha } from '../io/git/mirrors/ref-name.ts';
import { checkRemote, type Remote } from '../io/git/mirrors/remote-url.ts';

export type RemoteBranches = {
  /**
   * The branches of a remote whose names begin so, and the commits at their tips. AppError: not_found, unavailable,
   * timeout.
   */
  list(remote: Remote, prefix: string): Promise<Map<string, string>>;
  /** Stops what is being asked. */
  close(): void;
};

const timeoutMs = 30_000;
const heads = 'refs/heads/';

/** Asks remotes with a git of its own; `dir` is an empty folder of the caller's. */
export function openRemoteBranches(dir: string, { allowLocal }: { allowLocal: boolean }): RemoteBranches {
  const processes = createGitProcesses();
  const globalConfig = join(dir, 'gitconfig');
  const env = gitEnvironment(process.env, { home: dir, ceiling: dir, globalConfig, allowLocal });
  let ready: Promise<unknown> | undefined;
  return {
    list: async (remote, prefix) => {
      checkRemote(remote, { allowLocal });
      ready ??= mkdir(dir, { recursive: true }).then(() => writeFile(globalConfig, globalGitConfig(allowLocal)));
      await ready;
      const result = await processes.run({
        command: 'git',
        args: ['ls-remote', '--quiet', '--', remote.url, `${heads}${prefix}*`],
        cwd: dir,
        env: withSettings(env, credentialSettings(remote)),
        timeoutMs,
      });
      if (result.code !== 0) throw remoteFailure(result, remote, timeoutMs);
      const found = result.stdout.split('\n').map((line) => line.split('\t'));
      return new Map(
        found.flatMap(([sha = '', ref = '']) =>
          isSha(sha) && ref.startsWith(heads) ? [[ref.slice(heads.length), sha] as const] : [],
        ),
      );
    },
    close: () => processes.stop(),
  };
}
