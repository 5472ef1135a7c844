import { readFile } from 'node:fs/promises';
import { type Authenticator, credsAuthenticator, nkeyAuthenticator } from '@nats-io/transport-node';
import { AppError } from '../../../floor/app-error.ts';

/** How a file lets us in. `runner`: the name of the runner whose account of its own that is, or null. */
type Credentials = { readonly authenticator: Authenticator; readonly runner: string | null };

const seedPattern = /^(S[A-Z2-7]{57})\s*$/m;

/** The line by which a runner's file says whose it is. */
export const runnerLine = (name: string) => `# crafting-table runner ${name}`;

/**
 * Reads the file of CRAFTING_NATS_CREDS: a `.creds` file, or one that holds the seed of an nkey. Throws
 * AppError('misconfigured'), which does not show what was found.
 */
export async function readCredentials(file: string): Promise<Credentials> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new AppError('misconfigured', `CRAFTING_NATS_CREDS names ${file}, which cannot be read.`, { cause });
  }
  const runner = /^# crafting-table runner (\S{1,64})\s*$/m.exec(text)?.[1] ?? null;
  if (/BEGIN NATS USER JWT/.test(text)) return { authenticator: credsAuthenticator(Buffer.from(text)), runner };
  const seed = seedPattern.exec(text)?.[1];
  if (seed) return { authenticator: nkeyAuthenticator(Buffer.from(seed)), runner };
  throw new AppError(
    'misconfigured',
    `CRAFTING_NATS_CREDS must name a .creds file or one with the seed of an nkey (SU…); ${file} is neither.`,
  );
}
