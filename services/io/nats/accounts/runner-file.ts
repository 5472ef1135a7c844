import { runnerLine } from './read-credentials.ts';

/** The text of the file that CRAFTING_NATS_CREDS of a runner names; the seed is a secret. */
export function runnerFile(name: string, seed: string): string {
  return [
    runnerLine(name),
    '# The file of CRAFTING_NATS_CREDS on that machine, for one process at a time. Keep it like a password.',
    '-----BEGIN USER NKEY SEED-----',
    seed,
    '------END USER NKEY SEED------',
    '',
  ].join('\n');
}
