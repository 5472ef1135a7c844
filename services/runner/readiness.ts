import { messageOf } from '../floor/app-error.ts';
import type { Log } from '../io/log.ts';
import type { Bucket } from '../io/nats/stores/bucket.ts';
import type { OpenJob } from '../jobs/rules/job-queue.ts';
import { versionSkew } from '../jobs/rules/version-skew.ts';
import { missingLabels } from '../jobs/rules/waiting-for.ts';

/** What a runner can do, and whether it may take jobs at all. */
export type Readiness = {
  canRun(job: OpenJob): boolean;
  labels(): readonly string[];
  /** Why this runner takes no jobs, as a sentence, or null. */
  refusal(): string | null;
  /** From now on no job is taken, or with null: again. */
  refuse(reason: string | null): void;
  /** Looks whether the service that started last is of a version that fits. */
  look(): Promise<void>;
  stop(): void;
};

type ReadinessOptions = {
  readonly version: string;
  readonly hints: Bucket;
  /** Labels that the operator gave. */
  readonly labels: readonly string[];
  /** Finds those of the toolchains that are here. */
  readonly findLabels: () => Promise<readonly string[]>;
  readonly logger: Log;
  /** Why the disk has no room for another job, as a sentence, or null. */
  readonly shortage?: () => string | null;
  /** Called when more labels are known. */
  readonly onLabels: () => void;
};

/** The key under which a service that starts leaves its version for the runners. */
export const serviceVersionKey = 'service-version';

/** Asking each toolchain for its version costs a second of CPU: not while the service starts, unless a job needs to know. */
const patience = 10_000;

/** Keeps what is known of this runner's abilities. */
export function openReadiness(options: ReadinessOptions): Readiness {
  const { version, hints, findLabels, logger, onLabels, shortage = () => null } = options;
  let labels: ReadonlySet<string> = new Set(options.labels);
  let skew: string | null = null;
  let refused: string | null = null;
  let asked = false;

  const ask = async () => {
    if (asked) return;
    asked = true;
    try {
      labels = new Set([...options.labels, ...(await findLabels())]);
      onLabels();
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'the toolchains of this runner cannot be found out');
    }
  };
  const timer = setTimeout(() => void ask(), patience);
  timer.unref();
  return {
    canRun: ({ data }) => {
      const missing = missingLabels(data.snapshot.subproject.needs, labels);
      if (missing.length > 0) void ask();
      return missing.length === 0;
    },
    labels: () => [...labels],
    refusal: () => refused ?? skew ?? shortage(),
    refuse: (reason) => {
      refused = reason;
    },
    look: async () => {
      const entry = await hints.get(serviceVersionKey);
      const now = entry ? versionSkew(version, Buffer.from(entry.value).toString('utf8')) : null;
      if (now !== skew && now !== null) logger.error({}, now);
      skew = now;
    },
    stop: () => clearTimeout(timer),
  };
}
