import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Draft } from '../../events/registry.ts';
import type { CutoffPolicy } from '../../events/work/budget.ts';
import { AppError, messageOf } from '../floor/app-error.ts';
import { appendOnce } from '../io/event-log.ts';
import { openEgressProxy } from '../io/sandbox/egress-proxy.ts';
import type { AccessRequest, BottleAccess, EgressSummary } from './bottle-access.ts';
import { openGateway } from './gateway.ts';
import { openCallMeter } from './metering/call-meter.ts';
import { BudgetRefusal, type CutEvent } from './metering/ledger.ts';
import type { EgressDeps, OpenPlane } from './plane.ts';
import type { Provider } from './providers/provider-file.ts';
import { providerEnvironment, providerFor, providerHost, unmeteredWords } from './providers/provider-list.ts';
import { type Spender, setBudget } from './rules/balances.ts';
import type { Cut } from './rules/bottle-cut.ts';
import { circleWatch } from './rules/notice-circles.ts';

const usualPort = 3128;
const mostEgressBytes = 20 * 2 ** 30;
const typeOf = { cutoff: 'AgentCutOff', freeze: 'AgentFrozen', kill: 'AgentKilled' } as const;
const policyOf = { AgentCutOff: 'cutoff', AgentFrozen: 'freeze', AgentKilled: 'kill' } as const;

type Why = { readonly why: 'budget' | 'circle'; readonly detail: string };

/** Opens the way out of one bottle on a plane that is open. Throws what `OpenBottleAccess` says. */
export async function openAccess(
  deps: EgressDeps & { readonly callMs: number },
  plane: OpenPlane,
  request: AccessRequest,
): Promise<BottleAccess> {
  const { log, logger, prices, callMs } = deps;
  const { ledger, live } = plane;
  const { bottle, project, agent, owner, policy } = request;
  const providers = providersFor(deps.providers, request);
  checkHosts(deps.providers, request.hosts);
  const own = deps.ownNetworks ?? null;
  const spender = spenderOf(request);
  const sayThawed = async (session: string) => {
    const last = await log.last('AgentThawed', bottle);
    const data = { bottle_id: bottle, project, agent, session };
    await appendOnce(log, { type: 'AgentThawed', id: bottle, data }, { expect: last?.seq ?? 0 });
  };
  if (request.thawed) await sayThawed(request.thawed);
  await setRunBudget(deps, ledger, request, spender);

  const ended = new AbortController();
  const meter = openCallMeter();
  const circles = circleWatch();
  const seen = new Map<string, { requests: number }>();
  const listeners = new Set<(cut: Cut) => void>();
  const told = new Set<CutoffPolicy>();
  let refused = 0;
  let why: string | null = null;

  const carryOut = (made: Cut, isLasting: boolean) => {
    if (isLasting) {
      why ??= `The farm cut this run off: ${made.detail || 'somebody asked for it'}`;
      ended.abort();
    }
    if (told.has(made.policy)) return;
    told.add(made.policy);
    for (const listener of listeners) listener(made);
  };
  /** Of a budget, `cutoff` lasts as long as nothing is left in it; everything else is for good. */
  const cut = (which: CutoffPolicy, { why: cause, detail }: Why) => {
    if (told.has(which)) return;
    carryOut({ policy: which, why: cause, detail, by: null }, which !== 'cutoff' || cause === 'circle');
    const data = { bottle_id: bottle, project, agent, why: cause, detail: detail.slice(0, 1024) };
    const draft = { type: typeOf[which], id: bottle, data } as Draft<(typeof typeOf)[CutoffPolicy]>;
    const said = async () => appendOnce(log, draft, { expect: (await log.last(draft.type, bottle))?.seq ?? 0 });
    said().catch((error) =>
      logger.warn({ error: messageOf(error), bottle }, 'that an agent was cut off cannot be written down'),
    );
  };
  const saw = (act: string) => {
    const circle = circles.saw(createHash('sha256').update(act).digest('hex'));
    if (circle) cut(policy, { why: 'circle', detail: `${circle.times} times in a row: ${act.slice(0, 200)}` });
  };
  const forget = ledger.onCut((event: CutEvent) => {
    const { bottle_id, why: cause, detail, by = null } = event.data;
    if (bottle_id === bottle && cause === 'asked')
      carryOut({ policy: policyOf[event.type], why: cause, detail, by }, true);
  });

  const name = createHash('sha256').update(bottle).digest('hex').slice(0, 12);
  const socket = join(plane.dir, `${name}.sock`);
  const inner = request.hosts.length > 0 ? join(plane.dir, `${name}-p.sock`) : null;
  for (const old of [socket, inner]) if (old !== null) rmSync(old, { force: true });
  const proxy =
    inner === null
      ? null
      : await openEgressProxy({
          ...{ socket: inner, allow: request.hosts, own, onDenied: () => {}, maxBytes: mostEgressBytes },
        });
  const gateway = await openGateway({
    ...{ socket, providers, logger, proxy: inner, cut: () => why },
    calls: {
      ...{
        ledger,
        spender,
        prices,
        may: { models: request.models, providerTools: request.providerTools ?? [] },
        meter,
        live,
        callMs,
        ended: ended.signal,
      },
      answered: new Set(),
      onRefused: (error) => {
        const own = error instanceof BudgetRefusal ? error.policy : null;
        cut(own ?? policy, { why: 'budget', detail: error.message });
      },
      onReading: ({ toolCalls }) => {
        for (const call of toolCalls) saw(call);
      },
    },
    onRequest: (host, passed) => {
      const counted = seen.get(host) ?? { requests: 0 };
      if (!passed) refused += 1;
      else if (seen.size < 1_000 || seen.has(host)) seen.set(host, { requests: counted.requests + 1 });
    },
  });
  const summary = (): EgressSummary => {
    const { usage, nanoUsd, unpriced, estimated } = meter.totals;
    const hosts = [...seen].map(([host, { requests }]) => ({ host, requests })).sort((a, b) => b.requests - a.requests);
    const requests = hosts.reduce((sum, one) => sum + one.requests, 0);
    return { hosts, requests, refused, usage, usd: unpriced ? null : nanoUsd / 1e9, estimated };
  };
  void owner;
  return {
    socket,
    env: providerEnvironment(providers, request.port ?? usualPort),
    onCut: (listener) => void listeners.add(listener),
    acted: saw,
    close: async () => {
      forget();
      ended.abort();
      await gateway.close();
      await proxy?.close();
      return summary();
    },
  };
}

function providersFor(all: readonly Provider[], { providers, owner }: AccessRequest): Provider[] {
  return providers.map((name) => {
    const found = providerFor(all, name, owner);
    if (found) return found;
    const known = [...new Set(all.map((one) => one.name))].join(', ') || 'none';
    const words = `The farm has no key of the provider ${name} for the team ${owner}; it has those of: ${known}.`;
    throw new AppError('misconfigured', words, { name: 'no_provider' });
  });
}

/** Said at registration, too; a provider may have come since. */
function checkHosts(all: readonly Provider[], hosts: readonly string[]): void {
  const listed = providerHost(all, hosts);
  if (listed !== undefined) throw new AppError('invalid', `hosts: ${unmeteredWords(listed)}`);
}

function spenderOf({ bottle, attempt, agent, project, owner }: AccessRequest): Spender {
  const finding = attempt === null ? null : Number(/^(\d{1,16})-/.exec(attempt)?.[1] ?? Number.NaN);
  const known = finding !== null && Number.isSafeInteger(finding) ? { finding_id: finding } : {};
  return { bottle_id: bottle, attempt_id: bottle, agent, project, owner, ...known };
}

/** What was given at the start is a budget like every other, of this attempt alone. */
async function setRunBudget(
  { log }: EgressDeps,
  ledger: OpenPlane['ledger'],
  { bottle, budget, owner, project }: AccessRequest,
  _spender: Spender,
): Promise<void> {
  const given = [
    { unit: 'tokens', limit: budget?.tokens },
    { unit: 'usd', limit: budget?.money === undefined ? undefined : Math.floor(budget.money * 1e9) },
  ] as const;
  for (const { unit, limit } of given) {
    if (limit === undefined) continue;
    const id = `attempt:${bottle}:${unit}:attempt`;
    const last = await log.last('BudgetSet', id);
    // What somebody set for this run in the meantime stands.
    if (last !== null) continue;
    const data = {
      level: 'attempt',
      of: bottle,
      unit,
      per: 'attempt',
      owner,
      project,
      limit,
      policy: null,
      by: 'farm',
    } as const;
    await appendOnce(log, { type: 'BudgetSet', id, data }, { expect: 0 });
    setBudget(ledger.balances(), data);
  }
}
