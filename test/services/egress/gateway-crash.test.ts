import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Recorded } from '../../../events/registry.ts';
import { openEgress } from '../../../services/egress/open-egress.ts';
import { readPrices } from '../../../services/egress/providers/price-file.ts';
import { tokensOf } from '../../../services/egress/rules/usage-counts.ts';
import { systemClock } from '../../../services/floor/clock.ts';
import { silent } from '../../../services/io/log.ts';
import { ask, message, providersAt } from '../../support/egress-plane.ts';
import { type Parts, withNats } from '../../support/farm-parts.ts';
import { type ProviderServer, startProvider } from '../../support/provider-server.ts';
import { until } from '../../support/until.ts';

const kills = Number(process.env.CRAFTING_TEST_KILLS ?? 4);

async function startGateway(
  { dir, server }: Parts,
  provider: ProviderServer,
): Promise<{ child: ChildProcess; sockets: string[] }> {
  const { url, user, pass, certificate } = server;
  const order = {
    server: { url, user, pass, certificate },
    provider: provider.url,
    dataDir: join(dir, 'egress-data'),
    messages: server.messagesDir('CT_EVENTS'),
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, 'gateway-child.ts'), JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout ?? assert.fail(), 'data')) as [Buffer];
  return { child, sockets: JSON.parse(line.toString()) as string[] };
}

describe('a gateway that is killed', () => {
  it(`in the middle of calls leaks no share of a budget and loses no usage, ${kills} times`, () =>
    withNats(async (parts) => {
      const provider = await startProvider();
      try {
        for (let round = 0; round < kills; round += 1) await killInTheMiddle(parts, provider, round);
        const egress = openEgress({
          ...{
            log: parts.log,
            models: null,
            clock: systemClock,
            logger: silent,
            dataDir: join(parts.dir, 'egress-data'),
          },
          ...{ providers: providersAt(provider.url), prices: readPrices(null) },
        });
        const balances = (await egress.ledger()).balances();
        assert.deepEqual([balances.open.size, balances.reserved.size], [0, 0]);
        const metered: Recorded<'TokensMetered'>[] = [];
        const reserved = new Set<string>();
        const end = await parts.log.end('ct.spend.>');
        const follower = await parts.log.follow({
          from: 1,
          filter: 'ct.spend.>',
          onEvent: (event) => {
            if (event.type === 'TokensMetered') metered.push(event);
            if (event.type === 'TokensReserved') for (const { call_id } of event.data.calls) reserved.add(call_id);
          },
          onError: (error) => assert.fail(String(error)),
        });
        await until(() => follower.lastSeq() >= end);
        await follower.stop();
        assert.deepEqual(metered.map(({ entityId }) => entityId).sort(), [...reserved].sort());
        assert.ok(metered.reduce((sum, { data }) => sum + tokensOf(data.usage), 0) >= provider.billed());
        assert.ok(metered.some(({ data }) => data.estimated) && metered.some(({ data }) => !data.estimated));
        await egress.close();
      } finally {
        await provider.close();
      }
    }));
});

/** Kills it while some answers are whole, some are under way and some have not begun. */
async function killInTheMiddle(parts: Parts, provider: ProviderServer, round: number): Promise<void> {
  const { child, sockets } = await startGateway(parts, provider);
  let answered = 0;
  const held = Promise.withResolvers<void>();
  provider.behave = async () => {
    answered += 1;
    if (answered % 3 === 0) await held.promise;
    return null;
  };
  let over = 0;
  const calls = sockets.flatMap((socket) =>
    [1, 2, 3].map((turn) =>
      ask({ socket }, '/anthropic/v1/messages', message({ stream: turn % 2 === 0 })).then(
        () => (over += 1),
        () => {},
      ),
    ),
  );
  await until(() => over >= 1 + (round % 8) && answered >= 3);
  child.kill('SIGKILL');
  await once(child, 'exit');
  held.resolve();
  await Promise.all(calls);
}
