import type { Draft } from '../../../events/registry.ts';
import { startDigester } from '../../../services/digester/start-digester.ts';
import { version } from '../../../services/floor/version.ts';
import type { EventLog } from '../../../services/io/event-log.ts';
import { silent } from '../../../services/io/log.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { openFarm, type TestFarm, testConfig } from '../../support/farm.ts';
import { type MovedClock, movedClock } from '../../support/moved-clock.ts';
import { paced } from '../../support/pace.ts';
import { type MailServer, type MailServerSettings, openMailServer } from '../io/mail/mail-server.ts';

export const minute = 60_000;
export const hour = 60 * minute;

/** A farm with a relay, whose digester is moved by hand: the clock stands ten minutes before six in the morning, UTC. */
export type DigestScene = {
  readonly farm: TestFarm;
  readonly relay: MailServer;
  readonly clock: MovedClock;
  readonly date: string;
  /** A digester of its own on the farm's log. */
  digester(unknownAfterMs?: number, log?: EventLog): Promise<{ stop(): Promise<void> }>;
  append(...drafts: Draft[]): Promise<void>;
};

/** When the digest of a scene is due, in ms. The clock of the farm stamps its events too, so any day will do. */
export const sixInTheMorning = Date.parse('2030-05-02T06:00:00Z');

/** Roles without the digester: a test starts its own. */
const roles = 'api,projector';

export async function withDigests<T>(
  work: (scene: DigestScene) => Promise<T>,
  settings: MailServerSettings & { smtp?: boolean; env?: Record<string, string> } = {},
): Promise<T> {
  const relay = await openMailServer(settings);
  const clock = movedClock(sixInTheMorning - 10 * minute);
  const env = {
    CRAFTING_ROLES: roles,
    CRAFTING_DIGEST_TIMEZONE: 'UTC',
    ...(settings.smtp === false
      ? {}
      : {
          CRAFTING_SMTP_HOST: '127.0.0.1',
          CRAFTING_SMTP_PORT: String(relay.port),
          CRAFTING_SMTP_TLS: '0',
          CRAFTING_SMTP_FROM: 'Farm <farm@example.org>',
        }),
    ...settings.env,
  };
  const farm = await openFarm({ env, parts: { clock } });
  const started: { stop(): Promise<void> }[] = [];
  const { models, store } = farm;
  if (!models) throw new Error('the farm has no read model');
  try {
    return await work({
      farm,
      relay,
      clock,
      date: new Date(sixInTheMorning).toISOString().slice(0, 10),
      digester: async (unknownAfterMs = 60_000, log = store.log) => {
        const config = testConfig(farm.dir, env);
        const mail = { unknownAfterMs, wholeMs: paced(5_000) };
        const one = await startDigester({ ...store, log, config, models, logger: silent, clock, version, mail });
        started.push(one);
        return one;
      },
      append: async (...drafts) => {
        let seq = 0;
        for (const draft of drafts) seq = (await store.log.append(draft)).seq;
        await models.applied(seq);
      },
    });
  } finally {
    for (const one of started) await one.stop();
    await farm.close();
    await relay.close();
  }
}

let jobs = 0;

type Run = {
  recipe?: 'build' | 'test' | 'lint' | 'audit';
  subproject?: string;
  exit?: number;
  reason?: 'exited' | 'orphaned';
  warnings?: number;
  cves?: readonly { severity: 'critical' | 'high' | 'low'; code: string; message?: string; file?: string }[];
};

/** The events of one job that ran and was read, on the default branch. */
export function jobEvents(project: string, run: Run = {}): Draft[] {
  const { recipe = 'audit', subproject = '.', exit = 0, reason = 'exited', warnings = 0, cves = [] } = run;
  jobs += 1;
  const id = String(jobs).padStart(26, '0');
  const enqueued = sampleDraft('JobEnqueued', id, {
    job_id: id,
    project,
    recipe,
    subproject,
    branch: 'main',
    purpose: 'scheduled',
  });
  const snapshot = { ...enqueued.data.snapshot, default_branch: 'main' };
  const { patch: _none, ...data } = enqueued.data;
  const found = cves.map(({ severity, code, message = 'a hole', file = 'package-lock.json' }, at) => {
    const identity = `${id.slice(-16)}${String(at).padStart(16, '0')}`;
    const sample = sampleDraft('FindingDetected', identity, { identity, project, job_id: id, subproject, recipe });
    const finding = { ...sample.data.finding, kind: 'cve' as const, severity, code, message, file };
    return { ...sample, data: { ...sample.data, on_default_branch: true, run_seq: 0, finding } };
  });
  return [
    { ...enqueued, data: { ...data, snapshot } },
    sampleDraft('RecipeExited', id, { job_id: id, project, reason, exit_code: exit, duration_ms: 72_000 }),
    ...found,
    sampleDraft('FindingsParsed', id, {
      job_id: id,
      project,
      total: cves.length + warnings,
      new: cves.length,
      resolved: 0,
      by_kind: { cve: cves.length },
      by_severity: { warn: warnings },
      not_observed: null,
    }),
  ] as Draft[];
}

/** The same, appended with the run's own sequence where findings name it. */
export async function appendJob({ farm, append }: DigestScene, project: string, run: Run = {}): Promise<void> {
  const [enqueued, ...others] = jobEvents(project, run);
  if (!enqueued) return;
  const { seq } = await farm.store.log.append(enqueued);
  const placed = others.map((draft) =>
    draft.type === 'FindingDetected' ? { ...draft, data: { ...draft.data, run_seq: seq } } : draft,
  );
  await append(...placed);
}
