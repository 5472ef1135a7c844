import { AppError, isAppError } from '../../floor/app-error.ts';
import type { Cli } from '../define.ts';
import { apiClient } from './api-client.ts';
import { readProfiles, writeProfiles } from './profiles.ts';
import { bearerIn, serverUrl, usualServer } from './service-meant.ts';

export type Login = { readonly server: string | undefined; readonly profile: string | undefined };

/** Keeps a token for a service, once that has taken it. The token comes from a prompt without echo or from a pipe. */
export async function logIn(cli: Cli, { server, profile }: Login): Promise<number> {
  const { profiles } = await readProfiles(cli.env);
  const name = profile ?? 'default';
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(name))
    throw new AppError(
      'invalid',
      `A profile is named by letters, digits, ".", "_" and "-"; found ${JSON.stringify(name)}.`,
    );
  const known = Object.hasOwn(profiles, name) ? profiles[name]?.server : undefined;
  const url = serverUrl(server ?? cli.env['CRAFTING_TABLE_BASE_URL'] ?? known ?? usualServer);
  if (isBare(url)) cli.printError(`warning: ${url} is not encrypted: whoever can listen on the way reads the token.`);
  const token = bearerIn(await tokenFor(cli, url), 'The token');
  const isAdmin = await knows(url, token);
  const file = await writeProfiles(cli.env, {
    current: name,
    profiles: { ...profiles, [name]: { server: url, token } },
  });
  cli.print(`logged in at ${url}${isAdmin ? ' as admin' : ''}; profile ${name}, kept in ${file}`);
  return 0;
}

/** Forgets a profile, or all of them. The token itself stays good: `tokens revoke` ends it. */
export async function logOut(
  cli: Cli,
  { profile, all }: { profile: string | undefined; all: boolean },
): Promise<number> {
  const { current, profiles } = await readProfiles(cli.env);
  const name = profile ?? current;
  if (all) await writeProfiles(cli.env, { current: 'default', profiles: {} });
  else {
    if (!Object.hasOwn(profiles, name)) throw new AppError('not_found', `There is no profile ${JSON.stringify(name)}.`);
    const { [name]: _gone, ...left } = profiles;
    const next = name === current ? (Object.keys(left)[0] ?? 'default') : current;
    await writeProfiles(cli.env, { current: next, profiles: left });
  }
  cli.print(all ? 'every profile is forgotten' : `profile ${name} is forgotten`);
  return 0;
}

async function tokenFor({ input }: Cli, url: string): Promise<string> {
  if (!input.isTTY) return input.all();
  const answer = await input.ask(`Token for ${url} (not shown): `, { hidden: true });
  if (answer === null) throw new DOMException('interrupted', 'AbortError');
  return answer;
}

/** Whether the service takes the token as an admin's. Throws AppError when it does not take it at all. */
async function knows(url: string, token: string): Promise<boolean> {
  const api = apiClient(url, token);
  await api.get('/projects?limit=1').catch((error) => {
    if (!isAppError(error, 'unauthorized')) throw error;
    throw new AppError('unauthorized', `${url} does not know this token. Nothing was kept.`, { cause: error });
  });
  return api.get('/admin/tokens').then(
    () => true,
    () => false,
  );
}

/** Whether what is sent there travels readable over a network that is not private. */
function isBare(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  const near = /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[::1\]|\[f[cd])|\.(local|lan|internal)$/;
  return protocol === 'http:' && hostname.includes('.') && !near.test(hostname);
}
