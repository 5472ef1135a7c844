import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Recorded } from '../../../../../events/registry.ts';
import {
  type Consumer,
  defineConsumer,
  done,
  drop,
  type EffectOf,
  retry,
  wait,
} from '../../../../../services/define.ts';
import { silent } from '../../../../../services/io/log.ts';
import { type Patience, runConsumer } from '../../../../../services/io/nats/log/run-consumer.ts';
import { sampleDraft } from '../../../../events/stored-payloads.ts';
import { type Parts, withNats } from '../../../../support/farm-parts.ts';
import { paced } from '../../../../support/pace.ts';
import { until } from '../../../../support/until.ts';

const hasty: Patience = { ackWaitMs: paced(500), maxArrivals: 4, pauseMs: 10 };
type On = (
  event: Recorded<'TokenRevoked'>,
  effect: EffectOf,
) => ReturnType<NonNullable<Consumer['on']['TokenRevoked']>>;

const revoke = ({ log }: Parts, name: string) => log.append(sampleDraft('TokenRevoked', name, { name }));

/** Runs a consumer of TokenRevoked on a real server for the time of some work. */
type Options = Partial<Pick<Consumer, 'maxInFlight' | 'onAbandoned'>> & {
  readonly patience?: Patience;
  readonly logger?: typeof silent;
  /** Handlers of other events. */
  readonly beside?: Consumer['on'];
};

function withConsumer(on: On, work: (parts: Parts) => Promise<void>, options: Options = {}) {
  const { maxInFlight = 4, patience = hasty, logger = silent, beside = {}, ...more } = options;
  return withNats(async (parts) => {
    const consumer = defineConsumer({ name: 'tester', maxInFlight, on: { TokenRevoked: on, ...beside }, ...more });
    const running = await runConsumer(consumer, { ...parts, logger, patience });
    try {
      await work(parts);
    } finally {
      await running.stop();
    }
  });
}

/** What the server still holds for the consumer: not yet handed over, and handed over without an end. */
async function left({ nats }: Parts): Promise<number> {
  const info = await nats.jsm.consumers.info('CT_EVENTS', 'tester-TokenRevoked').catch(() => null);
  return info === null ? 1 : info.num_pending + info.num_ack_pending;
}

async function whenSettled(parts: Parts): Promise<void> {
  await until(async () => (await left(parts)) === 0, 'everything is settled');
}

describe('the loop of consumers', () => {
  it('hands over every event of the kinds wanted, old and new, and settles it', () => {
    const seen: string[] = [];
    const on: On = async ({ entityId }) => {
      seen.push(entityId);
      return done;
    };
    return withNats(async (parts) => {
      await revoke(parts, 'old');
      await parts.log.append(sampleDraft('TokenMinted', 'other', { name: 'other' }));
      const consumer = defineConsumer({ name: 'tester', maxInFlight: 2, on: { TokenRevoked: on } });
      const first = await runConsumer(consumer, { ...parts, logger: silent, patience: hasty });
      await revoke(parts, 'new');
      await until(() => seen.length === 2, 'both');
      await whenSettled(parts);
      await first.stop();
      await revoke(parts, 'later');
      const second = await runConsumer(consumer, { ...parts, logger: silent, patience: hasty });
      await until(() => seen.length === 3, 'the one from between');
      await second.stop();
      assert.deepEqual(seen, ['old', 'new', 'later']);
    });
  });

  it('brings an event again after the delay that its handler asked for, and after a throw', () => {
    const arrivals: number[] = [];
    const on: On = async () => {
      arrivals.push(performance.now());
      if (arrivals.length === 1) return retry(200, 'not yet');
      if (arrivals.length === 2) throw new Error('broken for now');
      return done;
    };
    return withConsumer(on, async (parts) => {
      await revoke(parts, 'ann');
      await until(() => arrivals.length === 3, 'three arrivals');
      await whenSettled(parts);
      assert.ok((arrivals[1] ?? 0) - (arrivals[0] ?? 0) >= 190);
      assert.equal(await parts.log.end(), 1, 'nothing was abandoned');
    });
  });

  it('does not bring a dropped event again', () => {
    let arrivals = 0;
    const on: On = async () => {
      arrivals += 1;
      return drop('not for us');
    };
    return withConsumer(on, async (parts) => {
      await revoke(parts, 'ann');
      await until(() => arrivals === 1, 'the arrival');
      await whenSettled(parts);
      assert.equal(arrivals, 1);
    });
  });

  it('gives up on an event after so many arrivals, once and in the open, and goes on with the next', () => {
    const seen: string[] = [];
    const left: string[] = [];
    const onAbandoned = async ({ entityId }: Recorded, _effect: EffectOf, reason: string) =>
      void left.push(`${entityId}: ${reason}`);
    const on: On = async ({ entityId }) => {
      seen.push(entityId);
      if (entityId === 'poison') throw new Error('cannot be done');
      return done;
    };
    return withConsumer(
      on,
      async (parts) => {
        await revoke(parts, 'poison');
        await revoke(parts, 'good');
        await until(() => seen.filter((one) => one === 'poison').length === 4 && seen.includes('good'), 'the arrivals');
        await whenSettled(parts);
        const abandoned = await parts.log.last('DeliveryAbandoned', 'tester.1');
        assert.deepEqual(abandoned?.data, {
          consumer: 'tester',
          event_seq: 1,
          event_type: 'TokenRevoked',
          attempts: 4,
          reason: 'cannot be done',
        });
        assert.equal(await parts.log.end(), 3);
        assert.equal(seen.length, 5);
        assert.deepEqual(left, ['poison: cannot be done'], 'what waits for it is told');
      },
      { onAbandoned },
    );
  });

  it('never gives up on an event that waits for somebody outside', () => {
    let tries = 0;
    // More often than an event may fail.
    const on: On = async () => (++tries < 7 ? wait(0, 'the forge is down') : done);
    return withConsumer(on, async (parts) => {
      await revoke(parts, 'patient');
      await whenSettled(parts);
      assert.deepEqual([tries, await parts.log.end()], [7, 1]);
    });
  });

  it('abandons an event that cannot be opened at once', () =>
    withConsumer(
      async () => done,
      async (parts) => {
        await parts.nats.js.publish('ct.token.ann.TokenRevoked', '{"name":42}');
        await whenSettled(parts);
        const abandoned = await parts.log.last('DeliveryAbandoned', 'tester.1');
        assert.match(abandoned?.data.reason ?? '', /sequence 1: TokenRevoked\/name/);
        assert.equal(abandoned?.data.attempts, 1);
      },
    ));

  it('does not let an event be given to others while its handler works, nor while it waits for a hand', () => {
    const seen: string[] = [];
    const on: On = async ({ entityId }) => {
      seen.push(entityId);
      await delay(hasty.ackWaitMs * 1.6);
      return done;
    };
    const work = async (parts: Parts) => {
      for (const name of ['a', 'b', 'c']) await revoke(parts, name);
      await until(() => seen.length >= 3, 'all three');
      await whenSettled(parts);
      assert.deepEqual(seen, ['a', 'b', 'c']);
    };
    return withConsumer(on, work, { maxInFlight: 1 });
  });

  it('keeps an event from a hand that is free while another works on it', () => {
    const seen: string[] = [];
    const on: On = async ({ entityId }) => {
      seen.push(entityId);
      await delay(hasty.ackWaitMs * 2.5);
      return done;
    };
    const work = async (parts: Parts) => {
      await revoke(parts, 'a');
      await until(() => seen.length >= 1, 'the arrival');
      await whenSettled(parts);
      assert.deepEqual(seen, ['a']);
    };
    return withConsumer(on, work, { maxInFlight: 4 });
  });

  it('handles no more events at once than it says', () => {
    let [now, most, over] = [0, 0, 0];
    const on: On = async () => {
      now += 1;
      most = Math.max(most, now);
      await delay(5);
      now -= 1;
      over += 1;
      return done;
    };
    const work = async (parts: Parts) => {
      await Promise.all(Array.from({ length: 40 }, (_, n) => revoke(parts, `t${n}`)));
      await until(() => over === 40, 'all of them');
      assert.equal(most, 3);
    };
    return withConsumer(on, work, { maxInFlight: 3 });
  });

  it('goes on when its durable is deleted under it', () => {
    const seen = new Set<string>();
    const on: On = async ({ entityId }) => {
      seen.add(entityId);
      return done;
    };
    return withConsumer(on, async (parts) => {
      await revoke(parts, 'before');
      await until(() => seen.has('before'), 'the first');
      await parts.nats.jsm.consumers.delete('CT_EVENTS', 'tester-TokenRevoked');
      await revoke(parts, 'after');
      await until(() => seen.has('after'), 'the one after');
    });
  });

  it('says once that all of its durables are lost', () => {
    const seen = new Set<string>();
    const lines: string[] = [];
    const on = async ({ type, entityId }: { readonly type: string; readonly entityId: string }) => {
      seen.add(`${type} ${entityId}`);
      return done;
    };
    const logger = { ...silent, warn: (_facts: unknown, said?: string) => void lines.push(said ?? '') };
    const beside = { TokenChanged: on, TokenRotated: on };
    return withConsumer(
      on,
      async (parts) => {
        const types = ['TokenChanged', 'TokenRevoked', 'TokenRotated'] as const;
        const all = async (name: string) => {
          for (const type of types) await parts.log.append(sampleDraft(type, name));
        };
        await all('before');
        await until(() => seen.size === 3, 'the first three');
        await Promise.all(types.map((type) => parts.nats.jsm.consumers.delete('CT_EVENTS', `tester-${type}`)));
        await all('after');
        await until(() => seen.size === 6, 'the three after');
        assert.deepEqual(
          lines.filter((said) => said.includes('lost its source')),
          ['consumer lost its source, making it anew'],
        );
      },
      { logger, beside },
    );
  });

  it('goes on when the server is killed', () => {
    const seen = new Set<string>();
    const on: On = async ({ entityId }) => {
      seen.add(entityId);
      return done;
    };
    return withConsumer(on, async (parts) => {
      await revoke(parts, 'before');
      await until(() => seen.has('before'), 'the first');
      const pid = parts.server.pid();
      assert.ok(pid);
      process.kill(pid, 'SIGKILL');
      await revoke(parts, 'after');
      await until(() => seen.has('after'), 'the one after');
    });
  });

  it('leaves the same log when everything is delivered twice', () => {
    const arrivals = new Map<string, number>();
    const on =
      (parts: () => Parts): On =>
      async ({ entityId }, effect) => {
        const before = arrivals.get(entityId) ?? 0;
        arrivals.set(entityId, before + 1);
        const name = `${entityId}-again`;
        await parts().log.append(sampleDraft('TokenMinted', name, { name }), { cause: effect(0), expect: 0 });
        return before === 0 ? retry(1, 'once more') : done;
      };
    let current: Parts | undefined;
    const handler = on(() => {
      assert.ok(current);
      return current;
    });
    return withConsumer(handler, async (parts) => {
      current = parts;
      for (const name of ['a', 'b', 'c']) await revoke(parts, name);
      await until(() => [...arrivals.values()].filter((times) => times === 2).length === 3, 'everything twice');
      await whenSettled(parts);
      assert.equal(await parts.log.end(), 6);
    });
  });
});
