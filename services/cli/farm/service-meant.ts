import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, isAppError, messageOf } from '../../floor/app-error.ts';
import { type ApiClient, apiClient } from './api-client.ts';
import { type Profile, readProfiles } from './profiles.ts';

/** What the options before or after a command say about the service. */
export type Wanted = { readonly server?: string; readonly profile?: string };

/** The address under which a service listens when nobody says otherwise. */
export const usualServer = 'http://127.0.0.1:8810';

/** A client of the service that is meant. */
export async function connect(env: NodeJS.ProcessEnv, wanted: Wanted): Promise<ApiClient> {
  const { server, token } = await serviceMeant(env, wanted);
  return apiClient(server, token);
}

/**
 * The service that is meant: --server, --profile, CRAFTING_TABLE_BASE_URL, the profile of `login`, and last a service on
 * the data folder of this machine. A token is only ever sent to the server that it was kept for.
 */
export async function serviceMeant(env: NodeJS.ProcessEnv, wanted: Wanted): Promise<Profile> {
  const profile = await profileOf(env, wanted);
  const named = wanted.server ?? (wanted.profile ? undefined : env['CRAFTING_TABLE_BASE_URL'] || undefined);
  const local = named === undefined && profile ? null : await localOf(env);
  const server = named === undefined ? (profile?.server ?? local?.server) : serverUrl(named);
  const own = wanted.profile ? undefined : await tokenOf(env);
  const kept = [profile, local].find((one) => one?.server === (server ?? usualServer));
  const token = own ?? kept?.token;
  if (token !== undefined) return { server: server ?? usualServer, token };
  if (server === undefined)
    throw new AppError(
      'unavailable',
      'No service is known: crafting-table login --server URL, CRAFTING_TABLE_BASE_URL with CRAFTING_TABLE_TOKEN, or start one with crafting-table up.',
    );
  throw new AppError(
    'unauthorized',
    `There is no token for ${server}: crafting-table login --server ${server}, or set CRAFTING_TABLE_TOKEN or CRAFTING_TABLE_TOKEN_FILE.`,
  );
}

/** The bearer of the service below whose address a URL lies; null where none is known, so that no other server gets one. */
export async function bearerFor(url: URL, env: NodeJS.ProcessEnv): Promise<string | null> {
  const meant = await serviceMeant(env, {}).catch((error) => {
    if (isAppError(error)) return null;
    throw error;
  });
  const { profiles } = await readProfiles(env);
  const known = [...(meant ? [meant] : []), ...Object.values(profiles)];
  const place = `${url.origin}${url.pathname}`;
  return known.find(({ server }) => place.startsWith(`${server}/`))?.token ?? null;
}

/** The reason of the error for a service that can be reached by a socket file alone. */
const socketOnly = 'socket_only';

/** The URL of a service as it is compared and kept. Throws AppError for what is none. */
export function serverUrl(text: string): string {
  // A path would be read as a URL whose host is its first part: the bearer would go there.
  if (/^(https?:\/\/)?(unix:|\/)/i.test(text))
    throw new AppError(
      'invalid',
      `The server is a socket file, ${text}, to which the command line does not speak: set CRAFTING_TABLE_BASE_URL to the address of the proxy before it.`,
      { name: socketOnly },
    );
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '')
    throw new AppError('invalid', `The server must be a URL such as ${usualServer}; found ${JSON.stringify(text)}.`);
  if (url.username !== '' || url.password !== '')
    throw new AppError(
      'invalid',
      'The URL of the server must hold no user and no password: the token says who you are.',
    );
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** A bearer as it may stand in a header. The text itself is never repeated. */
export function bearerIn(text: string, where: string): string {
  const bearer = text.trim();
  if (/^[\x21-\x7e]{1,512}$/.test(bearer)) return bearer;
  throw new AppError('invalid', `${where} must be one word of at most 512 characters; found something else.`);
}

async function tokenOf(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const token = env['CRAFTING_TABLE_TOKEN'];
  if (token) return bearerIn(token, 'CRAFTING_TABLE_TOKEN');
  const file = env['CRAFTING_TABLE_TOKEN_FILE'];
  if (!file) return undefined;
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new AppError('invalid', `CRAFTING_TABLE_TOKEN_FILE cannot be read: ${messageOf(cause)}.`, { cause });
  });
  return bearerIn(text, 'The file of CRAFTING_TABLE_TOKEN_FILE');
}

/** The profile that is named; else the one of the server that is named; else the current one. */
async function profileOf(env: NodeJS.ProcessEnv, { server, profile }: Wanted): Promise<Profile | undefined> {
  const { current, profiles } = await readProfiles(env);
  const name = profile ?? env['CRAFTING_TABLE_PROFILE'];
  if (name) {
    const found = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
    if (!found) throw new AppError('invalid', unknownProfile(name, Object.keys(profiles)));
    return found;
  }
  const named = server ?? env['CRAFTING_TABLE_BASE_URL'];
  if (!named) return profiles[current];
  const url = serverUrl(named);
  return [profiles[current], ...Object.values(profiles)].find((one) => one?.server === url);
}

function unknownProfile(name: string, known: readonly string[]): string {
  const names = known.length > 0 ? `; there is ${known.join(', ')}` : '; there is none yet';
  return `There is no profile ${JSON.stringify(name)}${names}: crafting-table login --profile NAME makes one.`;
}

/** A service that has run on the data folder, with its admin's bearer; null when none has, or it is not ours to read. */
async function localOf(env: NodeJS.ProcessEnv): Promise<Profile | null> {
  const { readConfig } = await import('../../config.ts');
  try {
    const { dataDir } = readConfig(env);
    const read = async (name: string) => (await readFile(join(dataDir, name), 'utf8')).trim();
    return { server: serverUrl(await read('url.txt')), token: bearerIn(await read('admin-bearer.txt'), 'The bearer') };
  } catch (error) {
    if (isAppError(error, 'invalid') && error.reason === socketOnly) throw error;
    if (isAppError(error) || (error as NodeJS.ErrnoException).code) return null;
    throw error;
  }
}
