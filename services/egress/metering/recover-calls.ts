import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type FileLock, tryLock } from '../../io/files/file-lock.ts';
import type { OpenCall } from '../rules/balances.ts';
import { noUsage } from '../rules/usage-counts.ts';
import type { Ledger } from './ledger.ts';

/** Gateways of this host say that they live by a lock, which the kernel lets go with their process. */
export type Recovery = {
  /** Charges the calls of gateways that are gone, each with all that it may have taken; answers how many. */
  sweep(): Promise<number>;
  close(): void;
};

type RecoveryDeps = {
  readonly dir: string;
  readonly ledger: Pick<Ledger, 'gateway' | 'balances' | 'settle'>;
  readonly now: () => number;
  /** Whether a call of our own is still under way. */
  readonly isLive: (callId: string) => boolean;
  /** The day of the table of prices. */
  readonly prices: string;
};

/** How long after its end a call of another host is waited for, in ms. */
const marginMs = 60_000;

export function openRecovery(deps: RecoveryDeps): Recovery {
  const { dir, ledger, now, isLive } = deps;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lockOf = (gateway: string) => join(dir, `${gateway}.lock`);
  const own = tryLock(lockOf(ledger.gateway));
  const isGone = (id: string, call: OpenCall, gone: ReadonlySet<string>): boolean => {
    const isLate = Date.parse(call.until) + marginMs < now();
    if (call.gateway === ledger.gateway) return isLate && !isLive(id);
    return gone.has(call.gateway) || isLate;
  };
  return {
    sweep: async () => {
      const dead = deadGateways(dir, ledger.gateway);
      try {
        const gone = new Set(dead.map(({ gateway }) => gateway));
        const lost = [...ledger.balances().open].filter(([id, call]) => isGone(id, call, gone));
        for (const [id, call] of lost) await ledger.settle(id, mostOf(call, deps.prices));
        for (const { gateway } of dead)
          for (const end of ['', '-journal']) rmSync(`${lockOf(gateway)}${end}`, { force: true });
        return lost.length;
      } finally {
        for (const { lock } of dead) lock.release();
      }
    },
    close: () => {
      own?.release();
      rmSync(lockOf(ledger.gateway), { force: true });
    },
  };
}

function deadGateways(dir: string, own: string): { gateway: string; lock: FileLock }[] {
  return readdirSync(dir).flatMap((name) => {
    const gateway = /^([0-9a-z]{26})\.lock$/.exec(name)?.[1];
    if (gateway === undefined || gateway === own) return [];
    const lock = tryLock(join(dir, name));
    return lock === null ? [] : [{ gateway, lock }];
  });
}

/** Nobody saw what it took: its whole share is charged, so that nothing is lost, and marked as an estimate. */
function mostOf(call: OpenCall, prices: string) {
  const { bottle_id, attempt_id, agent, project, owner, finding_id, provider, model, tokens, output, nanoUsd } = call;
  return {
    spender: { bottle_id, attempt_id, agent, project, owner, ...(finding_id === undefined ? {} : { finding_id }) },
    provider,
    model,
    usage: { ...noUsage, input_tokens: tokens - output, output_tokens: output },
    money: nanoUsd === 0 ? null : { nano_usd: nanoUsd, prices },
    estimated: true,
    source: 'estimate' as const,
    status: null,
  };
}
