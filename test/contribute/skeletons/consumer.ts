import { identifier } from '../registry-line.ts';

const starter = (name: string) => {
  const word = identifier(name);
  return `start${word[0]?.toUpperCase()}${word.slice(1)}`;
};

/** A role with one consumer: what it does on which event, as a value, and the function that starts it. */
export const consumerSkeleton = (name: string) => `import { type Consumer, defineConsumer, done } from '../define.ts';
import type { Log } from '../io/log.ts';
import { runConsumer } from '../io/nats/log/run-consumer.ts';
import type { RoleDeps, RunningRole } from '../role-deps.ts';

/** What the handlers stand on. */
type Deps = { readonly logger: Log };

/** Say here what it is for. A handler may see an event twice, and must leave the same log. */
export function ${identifier(name)}({ logger }: Deps): Consumer {
  return defineConsumer({
    name: '${name}',
    maxInFlight: 1,
    on: {
      FindingsParsed: async ({ entityId }) => {
        logger.info({ code: '${name}_saw_job', job: entityId }, 'a job ended');
        return done;
      },
    },
  });
}

/** Starts the role. */
export async function ${starter(name)}(deps: RoleDeps): Promise<RunningRole> {
  return await runConsumer(${identifier(name)}(deps), deps);
}
`;

/** Its line in the registry of roles: it is loaded where it runs. */
export const consumerLine = (name: string) =>
  `  ${/-/.test(name) ? `'${name}'` : name}: async (deps: RoleDeps) => (await import('./${name}/${name}.ts')).${starter(name)}(deps),`;

export const consumerTestSkeleton = (name: string) => `import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recorded } from '../../../events/registry.ts';
import { done, effectOf } from '../../../services/define.ts';
import { silent } from '../../../services/io/log.ts';
import { ${identifier(name)} } from '../../../services/${name}/${name}.ts';

test('${name} sees each job that ended once more or not, with the same answer', async () => {
  const said: unknown[] = [];
  const logger = { ...silent, info: (fields: unknown) => void said.push(fields) };
  const event = { entityId: 'job-1', eventId: 'e', correlationId: 'c' } as Recorded<'FindingsParsed'>;
  const handle = ${identifier(name)}({ logger }).on.FindingsParsed;
  for (const _ of ['first', 'again']) assert.equal(await handle?.(event, effectOf('${name}', event)), done);
  assert.deepEqual(said, Array(2).fill({ code: '${name}_saw_job', job: 'job-1' }));
});
`;
