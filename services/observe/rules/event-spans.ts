import type { Recorded } from '../../../events/registry.ts';
import { spanIdOf, traceIdOf } from './trace-ids.ts';

/** A span as OTLP has it; times in ms since 1970. */
export type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly failed: boolean;
};

/** What was heard of a job or an attempt until its end. */
export type Heard = {
  readonly began: number;
  readonly correlationId: string;
  readonly title: string;
  readonly facts: Readonly<Record<string, string>>;
  /** When which event came, by its name. */
  readonly at: ReadonlyMap<string, number>;
  /** The span that stands above, or null where this began it all. */
  readonly parent: string | null;
  readonly timings: Recorded<'RecipeExited'>['data']['timings'] | null;
};

/** What begins a trace without being a job: a push, a time, a poll. */
const beginnings: Readonly<Partial<Record<Recorded['type'], string>>> = {
  ForgeEventReceived: 'push',
  BranchHeadSeen: 'push',
  ScheduleFired: 'schedule',
};

export function beginsTrace({ type, causationId }: Recorded): boolean {
  return causationId === null && beginnings[type] !== undefined;
}

/** The span of what began a trace, which itself takes no time. */
export function beginningSpan(event: Recorded): Span {
  const at = Date.parse(event.time);
  return span(event.correlationId, `event ${event.eventId}`, {
    parent: null,
    name: beginnings[event.type] ?? event.type,
    from: at,
    to: at,
    attributes: { 'crafting_table.event': event.type },
  });
}

/** The spans of a job that is over: the whole, and its steps below it. */
export function jobSpans(event: Recorded<'FindingsParsed'>, heard: Heard): Span[] {
  const { job_id, project, total, passed } = event.data;
  const whole = `job ${job_id}`;
  const ended = Date.parse(event.time);
  const [started, exited] = [heard.at.get('RecipeStarted'), heard.at.get('RecipeExited')];
  const step = (name: string, from: number | undefined, to: number | undefined, id = `${name} ${job_id}`): Span[] =>
    from === undefined || to === undefined || to < from
      ? []
      : [span(heard.correlationId, id, { parent: spanIdOf(whole), name, from, to })];
  return [
    span(heard.correlationId, whole, {
      parent: heard.parent,
      name: heard.title,
      from: heard.began,
      to: ended,
      attributes: {
        ...named(heard.facts),
        'crafting_table.job': job_id,
        'crafting_table.project': project,
        'crafting_table.findings': total,
      },
      failed: passed === false,
    }),
    ...step('queue wait', heard.began, started),
    ...runnerSteps(heard, started, exited).flatMap(([name, from, to]) => step(name, from, to)),
    ...step('parse', exited, ended),
  ];
}

/** The runner measures how long each step took; they follow each other from when it took the job. */
function runnerSteps({ timings }: Heard, started?: number, exited?: number): [string, number, number][] {
  if (started === undefined || exited === undefined) return [];
  if (!timings) return [['run', started, exited]];
  const { fetch_ms, tree_ms, install_ms, run_ms } = timings;
  const prepared = started + fetch_ms + tree_ms;
  const installed = prepared + install_ms;
  return [
    ['workspace', started, prepared],
    ...(install_ms > 0 ? [['install', prepared, installed] as [string, number, number]] : []),
    ['run', installed, Math.min(Math.max(installed + run_ms, installed), Math.max(exited, installed))],
  ];
}

const patchSteps = [
  ['draft', 'PatchRequested', 'PatchDrafted'],
  ['verify', 'PatchDrafted', 'PatchVerified'],
  ['push', 'PatchVerified', 'BranchPushed'],
  ['open pull request', 'BranchPushed', 'PrOpened'],
] as const;

/** The spans of an attempt to mend, when it came to its first outcome. */
export function patchSpans(event: Recorded, outcome: string, heard: Heard): Span[] {
  const whole = `patch ${event.entityId}`;
  return [
    span(heard.correlationId, whole, {
      parent: heard.parent,
      name: heard.title,
      from: heard.began,
      to: Date.parse(event.time),
      attributes: { ...named(heard.facts), 'crafting_table.patch': event.entityId, 'crafting_table.outcome': outcome },
      failed: outcome !== 'opened' && outcome !== 'merged',
    }),
    ...patchSteps.flatMap(([name, first, last]) => {
      const [from, to] = [heard.at.get(first), heard.at.get(last)];
      if (from === undefined || to === undefined || to < from) return [];
      return [span(heard.correlationId, `${name} ${event.entityId}`, { parent: spanIdOf(whole), name, from, to })];
    }),
  ];
}

type Said = Pick<Span, 'name' | 'from' | 'to'> & { readonly parent: string | null } & Partial<
    Pick<Span, 'attributes' | 'failed'>
  >;

export function span(
  correlationId: string,
  id: string,
  { parent, attributes = {}, failed = false, ...said }: Said,
): Span {
  return { traceId: traceIdOf(correlationId), spanId: spanIdOf(id), parentSpanId: parent, attributes, failed, ...said };
}

function named(facts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`crafting_table.${name}`, value]));
}
