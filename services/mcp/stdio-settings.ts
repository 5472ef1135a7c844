import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AppError } from '../floor/app-error.ts';
import { type Offer, switchIn, toolsetsIn } from './offer.ts';

const options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
  toolsets: { type: 'string' },
  'read-only': { type: 'boolean' },
} as const;

/** What the program is asked for. Throws AppError when it is something else. */
export function optionsIn(args: string[]) {
  try {
    return parseArgs({ args, options }).values;
  } catch {
    // What was given is not repeated: it may be a token.
    throw new AppError(
      'invalid',
      'There are no arguments but --toolsets=…, --read-only, --help and --version; the environment says the rest.',
    );
  }
}

/** What the client is to be offered; an argument wins over the environment. Throws AppError. */
export function offerIn(given: ReturnType<typeof optionsIn>, env: NodeJS.ProcessEnv): Offer {
  return {
    toolsets: toolsetsIn(given.toolsets ?? env['CRAFTING_TABLE_TOOLSETS']),
    readOnly: given['read-only'] ?? switchIn('CRAFTING_TABLE_READ_ONLY', env['CRAFTING_TABLE_READ_ONLY']),
  };
}

/** The farm's address without a slash at its end. Throws AppError that does not repeat what was found. */
export function addressIn(env: NodeJS.ProcessEnv): string {
  const found = env['CRAFTING_TABLE_BASE_URL']?.trim() || 'http://127.0.0.1:8810';
  const url = URL.parse(found);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new AppError(
      'invalid',
      'CRAFTING_TABLE_BASE_URL must be an address such as http://127.0.0.1:8810, without a user, query or fragment; found something else.',
    );
  return url.href.replace(/\/+$/, '');
}

/** The bearer, or null where none is set. Throws AppError that does not show it. */
export function bearerIn(env: NodeJS.ProcessEnv): string | null {
  const file = env['CRAFTING_TABLE_TOKEN_FILE']?.trim();
  const bearer = env['CRAFTING_TABLE_TOKEN']?.trim() || (file ? contentOf(file) : '') || null;
  if (bearer !== null && !/^[\x21-\x7e]{1,400}$/.test(bearer))
    throw new AppError('invalid', 'CRAFTING_TABLE_TOKEN must be one bearer such as ct_…; found something else.');
  return bearer;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new AppError('invalid', `CRAFTING_TABLE_TOKEN_FILE (${file}) cannot be read: ${code}.`);
  }
}
