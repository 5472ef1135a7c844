import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { readOrMakeKeys } from '../io/sealing/seal-box.ts';

/**
 * Makes, once, the key by which the farm and its runners are let in to the log: `nats.conf` names its public half and
 * `farm.creds` holds the seed, readable by its owner alone. Recipes share the network with the log, but not this file.
 * `secret.key` seals credentials: the runners of other containers need the same one.
 */
export function makeNatsKey(folder: string): boolean {
  mkdirSync(folder, { recursive: true });
  // The log server is another user, without the right to pass by permissions.
  chmodSync(folder, 0o755);
  const server = join(folder, 'nats.conf');
  if (existsSync(server)) return false;
  readOrMakeKeys(join(folder, 'secret.key'));
  const pair = createUser();
  const seed = new TextDecoder().decode(pair.getSeed());
  const creds = [
    '-----BEGIN NATS USER JWT-----',
    'none',
    '------END NATS USER JWT------',
    '',
    '-----BEGIN USER NKEY SEED-----',
    seed,
    '------END USER NKEY SEED------',
    '',
  ].join('\n');
  writeFileSync(join(folder, 'farm.creds'), creds, { mode: 0o600 });
  // Last, and by its name at once: what is here is complete.
  writeFileSync(`${server}.new`, serverConfig(pair.getPublicKey()), { mode: 0o644 });
  renameSync(`${server}.new`, server);
  return true;
}

/** Every append is on disk before it is acknowledged, however the server ends. */
function serverConfig(publicKey: string): string {
  return [
    'listen: 0.0.0.0:4222',
    'http: 127.0.0.1:8222',
    'max_payload: 8MB',
    'jetstream {',
    '  store_dir: /data',
    '  sync_interval: always',
    '}',
    `authorization { users: [ { nkey: ${publicKey} } ] }`,
    '',
  ].join('\n');
}

if (import.meta.main) {
  const folder = process.argv[2] ?? '/auth';
  process.stdout.write(makeNatsKey(folder) ? `key made in ${folder}\n` : `key was there in ${folder}\n`);
}
