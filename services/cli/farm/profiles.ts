import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { AppError, messageOf } from '../../floor/app-error.ts';

/** One service and who one is there. */
export type Profile = { readonly server: string; readonly token: string };

/** `current` is the profile that is taken when none is named. */
type Profiles = { readonly current: string; readonly profiles: Readonly<Record<string, Profile>> };

/** Where `login` keeps its profiles: the folder of the XDG Base Directory Specification. */
function profilesFile(env: NodeJS.ProcessEnv): string {
  const configured = env['XDG_CONFIG_HOME'] ?? '';
  const home = isAbsolute(configured) ? configured : join(env['HOME'] || homedir(), '.config');
  return join(home, 'crafting-table', 'config.json');
}

/** Nothing is kept yet: no profile. Throws AppError when the file is open to others or is not what `login` writes. */
export async function readProfiles(env: NodeJS.ProcessEnv): Promise<Profiles> {
  const file = profilesFile(env);
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new AppError('invalid', `${file} cannot be read: ${messageOf(error)}.`, { cause: error });
  });
  if (text === null) return { current: 'default', profiles: {} };
  if (((await stat(file)).mode & 0o077) !== 0)
    throw new AppError('invalid', `${file} holds tokens and is open to others: chmod 600 it first.`);
  const kept = parsed(text);
  if (!kept) throw new AppError('invalid', `${file} is not what crafting-table login writes: remove it, and log in.`);
  return kept;
}

/** Replaces the file at once, readable by its owner alone. */
export async function writeProfiles(env: NodeJS.ProcessEnv, profiles: Profiles): Promise<string> {
  const file = profilesFile(env);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await chmod(dirname(file), 0o700);
  const draft = `${file}.${process.pid}`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(draft, file);
  return file;
}

function parsed(text: string): Profiles | null {
  try {
    const { current, profiles } = JSON.parse(text) as Partial<Profiles>;
    const isWhole = Object.values(profiles ?? {}).every(
      ({ server, token }) => typeof server === 'string' && typeof token === 'string',
    );
    return typeof current === 'string' && profiles && isWhole ? { current, profiles } : null;
  } catch {
    return null;
  }
}
