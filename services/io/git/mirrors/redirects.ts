import { AppError } from '../../../floor/app-error.ts';
import { withSettings } from './git-environment.ts';
import type { GitProcesses } from './git-processes.ts';
import { credentialSettings } from './git-secrets.ts';
import type { Remote } from './remote-url.ts';

/** How to ask: `home` is an empty folder to run in, `env` the environment of our git commands. */
export type TipDeps = { processes: GitProcesses; env: Record<string, string>; home: string; timeoutMs: number };

/** Where addresses lead that a forge has moved, as learned by this process; always inside their own origin. */
export type Moved = Map<string, string>;

const mostHops = 4;
const refsPath = /\/info\/refs(?:\?.*)?$/;

/** Whether git stopped at a redirect, which it does not follow while it holds a credential. */
export function tellsOfRedirect(stderr: string): boolean {
  return /returned error: 30[12378]\b/.test(stderr);
}

/** What git needs for a remote: its credential, and where its address leads by now. */
export function remoteSettings(remote: Remote, moved: Moved): [name: string, value: string][] {
  const to = moved.get(remote.url);
  return [...credentialSettings(remote), ...(to ? [[`url.${to}.insteadOf`, remote.url] as [string, string]] : [])];
}

/**
 * Learns where a forge sends us, as GitLab does for an address without `.git`. Only inside the same origin: the credential goes
 * along. Throws AppError('unavailable', named git_redirect) with the address to be registered instead, when it leads out of it.
 */
export async function learnRedirect(deps: TipDeps & { moved: Moved }, remote: Remote): Promise<void> {
  for (let hop = 0; hop < mostHops; hop += 1) {
    const from = deps.moved.get(remote.url) ?? remote.url;
    const location = await locationOf(deps, remote);
    if (location === null) return;
    const to = URL.parse(location, `${from}/info/refs?service=git-upload-pack`);
    const clean = to && `${to.origin}${to.pathname}`.replace(refsPath, '').replace(/\/+$/, '');
    if (!to || !clean || to.origin !== new URL(from).origin) {
      const where = to ? `, to ${to.origin}` : '';
      throw new AppError(
        'unavailable',
        `${remote.url} redirects out of its origin${where}: the credential is not sent there. Register that address instead.`,
        { name: 'git_redirect' },
      );
    }
    if (clean === from) break;
    deps.moved.set(remote.url, clean);
  }
  if (await locationOf(deps, remote))
    throw new AppError('unavailable', `${remote.url} redirects in a circle.`, { name: 'git_redirect' });
}

/** git itself is asked, so that proxies and certificates are those of every other question; its trace hides the credential. */
async function locationOf(deps: TipDeps & { moved: Moved }, remote: Remote): Promise<string | null> {
  const env = withSettings(deps.env, remoteSettings(remote, deps.moved));
  const { stderr } = await deps.processes.run({
    command: 'git',
    args: ['ls-remote', '--quiet', '--', remote.url, 'HEAD'],
    cwd: deps.home,
    env: { ...env, GIT_TRACE_CURL: '1', GIT_TRACE_CURL_NO_DATA: '1', GIT_TRACE_REDACT: '1' },
    timeoutMs: deps.timeoutMs,
  });
  if (!tellsOfRedirect(stderr)) return null;
  const found = [...stderr.matchAll(/<= recv header: location: (\S+)/gi)];
  return found.at(-1)?.[1] ?? null;
}
