import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retryOf } from '../../../../services/jobs/rules/retry-job.ts';
import { versionSkew } from '../../../../services/jobs/rules/version-skew.ts';
import { agentWaitingFor, waitingFor } from '../../../../services/jobs/rules/waiting-for.ts';
import { sampleData } from '../../../events/stored-payloads.ts';

describe('what a queued job waits for', () => {
  const runners = [{ labels: ['go', 'node24'] }, { labels: ['jdk17'] }];

  it('is nothing when one runner has all that it needs', () => {
    assert.equal(waitingFor(['go', 'node24'], runners), null);
    assert.equal(waitingFor(undefined, runners), null);
  });

  it('names what nobody has, or that nobody has it together, or that nobody is there', () => {
    assert.equal(waitingFor(['go', 'swift'], runners), 'no runner has swift');
    assert.equal(waitingFor(['go', 'jdk17'], runners), 'no runner has all of go, jdk17 together');
    assert.equal(waitingFor([], []), 'no runner is there');
  });

  it('is for an agent a runner of the service itself with the sandbox bwrap', () => {
    const [own, reduced, claiming] = [
      { labels: ['go'], sandbox: 'bwrap' },
      { labels: ['go'], sandbox: 'reduced' },
      { labels: ['go'], sandbox: 'bwrap', claims: true },
    ];
    assert.equal(agentWaitingFor(['go'], [claiming, own]), null);
    assert.match(agentWaitingFor(['go'], [reduced, claiming]) ?? '', /^no runner may hold an agent: /);
    assert.equal(agentWaitingFor(['swift'], [own]), 'no runner has swift');
    assert.equal(agentWaitingFor([], []), 'no runner is there');
  });
});

describe('a runner and a service of different versions', () => {
  it('understand each other over one minor release', () => {
    for (const [runner, service] of [
      ['1.4.0', '1.4.9'],
      ['1.4.0', '1.5.2'],
      ['1.4.0', '1.3.0'],
      ['1.4.0', 'unreleased'],
    ] as const)
      assert.equal(versionSkew(runner, service), null);
  });

  it('do not over two, or over a major one', () => {
    assert.match(versionSkew('1.4.0', '1.6.0') ?? '', /^This runner is 1\.4\.0 and the service 1\.6\.0/);
    assert.match(versionSkew('1.4.0', '2.4.0') ?? '', /takes no jobs/);
  });
});

describe('a job that runs again', () => {
  it('is one job, whoever asks; after a loss it is not retried once more, after a hand-back it may be', () => {
    const data = { ...sampleData('JobEnqueued'), retry_lost: true };
    assert.equal(retryOf(data, true).job_id, retryOf(data, false).job_id);
    assert.notEqual(retryOf(data, true).job_id, data.job_id);
    assert.deepEqual([retryOf(data, true).retry_lost, retryOf(data, false).retry_lost], [true, false]);
    assert.equal(retryOf(data, true).rerun_of, data.job_id);
  });
});
