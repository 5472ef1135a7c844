import { eventStream, hintBucket, leaseBucket, logStream, vaultBucket } from '../../../../events/streams.ts';
import { subjectToken } from '../../../../events/subjects.ts';
import type { RunnerDoc } from '../../../../projections/guests.ts';
import type { ClientAccount } from './account-subjects.ts';

const direct = (stream: string) => `$JS.API.DIRECT.GET.${stream}`;

/** The events of jobs that a runner appends. Not JobEnqueued: who may ask for jobs has commands run on every other runner. */
const reported = ['RecipeExited', 'RecipeStarted', 'WorkspacePrepared'] as const;

/**
 * What a runner reads, by direct questions that leave nothing on the server. More than a subscriber may: the log, because
 * it follows all jobs and runs drafts of patches; the output of jobs, because it ends those of runners that died; the
 * sealed credentials, which are of use only to one that is given CRAFTING_SECRET_KEY, too.
 */
const read = [
  direct(eventStream.name),
  `${direct(eventStream.name)}.ct.>`,
  direct(logStream.name),
  `${direct(logStream.name)}.ct-log.>`,
  direct(`KV_${leaseBucket.name}`),
  `${direct(`KV_${leaseBucket.name}`)}.$KV.${leaseBucket.name}.*`,
  `${direct(`KV_${hintBucket.name}`)}.$KV.${hintBucket.name}.*`,
  `${direct(`KV_${vaultBucket.name}`)}.$KV.${vaultBucket.name}.*`,
] as const;

/**
 * A runner on another machine: it takes jobs, says how they went, writes their output, renews its own lease. It cannot
 * append another event, delete or purge, make or ask a consumer, or write to another bucket. What it can still do wrong:
 * say a wrong end of any job, and read what all jobs print.
 */
export function runnerAccount({ name, public_key }: Pick<RunnerDoc, 'name' | 'public_key'>): ClientAccount {
  const written = [
    ...reported.map((type) => `ct.job.*.${type}`),
    'ct-log.*.stderr',
    'ct-log.*.stdout',
    'ct-report.*',
    `$KV.${leaseBucket.name}.${subjectToken(name)}`,
  ];
  return {
    account: `RUNNER-${subjectToken(name)}`,
    publicKey: public_key,
    exports: [...read, ...written].map((subject) => ({ subject })),
  };
}
