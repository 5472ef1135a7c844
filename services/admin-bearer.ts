import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { teamOfOne } from '../events/people/token.ts';
import { hashBearer } from './floor/bearer-hash.ts';
import type { EventLog } from './io/event-log.ts';
import { decisionOn } from './projector/decision.ts';
import type { ReadModels } from './projector/read-models.ts';

const name = 'admin';

type AdminBearerDeps = {
  readonly log: EventLog;
  readonly models: ReadModels;
  /** Whether the log lies in this data folder, and so nobody else can have made the bearer. */
  readonly ownLog: boolean;
};

/**
 * Makes the admin bearer on the first start, written once to `admin-bearer.txt` (0600). Whoever can remove that file
 * owns the farm: the next start makes a new bearer, and the old one is no longer known. The same after it was revoked.
 * On a log that several services share this holds for the data folder that made the bearer: another one never takes it
 * away from its people, and answers null as long as its file does not hold it.
 */
export async function ensureAdminBearer(dataDir: string, deps: AdminBearerDeps): Promise<string | null> {
  const { models, ownLog } = deps;
  const file = join(dataDir, 'admin-bearer.txt');
  const mark = join(dataDir, 'admin-bearer.sha256');
  const decision = await decisionOn('TokenMinted', name, deps);
  const { last } = decision;
  const valid = decision.query().tokens.find(name)?.sha256;
  if (valid !== undefined && valid === hashIn(file)) return file;
  if (valid !== undefined && !ownLog && textIn(mark) !== valid) return null;
  // Known and no longer valid: it was revoked, and must not come back with a restart.
  if (!existsSync(file) || last?.data.sha256 === hashIn(file)) await writeDurably(file, newBearer());
  const sha256 = hashIn(file) ?? '';
  await writeDurably(mark, sha256);
  const made = await decision.tryAppend({ name, sha256, is_admin: true, ip_cidrs: [], ...teamOfOne(name) });
  if (made) await models.applied(made.seq);
  if (made || ownLog) return file;
  // Another service was first: what we made is good for nothing, and would only be taken for the bearer.
  for (const path of [file, mark]) rmSync(path, { force: true });
  return null;
}

function textIn(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function hashIn(file: string): string | undefined {
  const bearer = textIn(file);
  return bearer === undefined ? undefined : hashBearer(bearer);
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
