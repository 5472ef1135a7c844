import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { hashBearer } from './api/authenticate.ts';
import { isAppError } from './app-error.ts';
import type { EventLog } from './io/event-log.ts';
import type { ReadModels } from './projector/read-models.ts';

const name = 'admin';

/**
 * Makes the admin bearer on the first start, written once to `admin-bearer.txt` (0600). Whoever can remove that file
 * owns the farm: the next start makes a new bearer, and the old one is no longer known. The same after it was revoked.
 */
export async function ensureAdminBearer(
  dataDir: string,
  { log, models }: { log: EventLog; models: ReadModels },
): Promise<string> {
  const file = join(dataDir, 'admin-bearer.txt');
  if (!existsSync(file)) await writeDurably(file, newBearer());
  const kept = () => hashBearer(readFileSync(file, 'utf8').trim());
  if (models.query().tokens.find(name)?.sha256 === kept()) return file;
  const last = await log.last('TokenMinted', name);
  // Known and no longer valid: it was revoked, and must not come back with a restart.
  if (last?.data.sha256 === kept()) await writeDurably(file, newBearer());
  const sha256 = kept();
  try {
    const { seq } = await log.append(
      { type: 'TokenMinted', id: name, data: { name, sha256, is_admin: true, ip_cidrs: [] } },
      { expect: last?.seq ?? 0 },
    );
    await models.applied(seq);
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error;
  }
  return file;
}

function newBearer(): string {
  return `ct_${randomBytes(32).toString('base64url')}\n`;
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
