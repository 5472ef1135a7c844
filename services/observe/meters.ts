import { recipeNames } from '../../events/fields.ts';
import { severities } from '../../events/finding.ts';
import { noticeChannels } from '../../events/notices/notice.ts';
import { metricSeries } from './metric-series.ts';
import { patchOutcomes } from './patch-outcomes.ts';

const quick = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const long = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/** What is counted from the start of a process. Names and units are those of Prometheus' own advice: seconds, `_total`. */
export function openMeters() {
  const series = metricSeries();
  const { counter, histogram } = series;
  const meters = {
    request: histogram('crafting_http_request_duration_seconds', 'Time until a request was answered', quick),
    append: histogram('crafting_event_append_duration_seconds', 'Time until an event was in the log', quick),
    lag: histogram('crafting_projection_lag_seconds', 'Time from an event to the read models that show it', quick),
    wait: histogram('crafting_job_queue_wait_seconds', 'Time until a runner took a job', long),
    duration: histogram('crafting_job_duration_seconds', 'Time that a job ran', long),
    step: histogram('crafting_job_step_duration_seconds', 'Time of a step of a job', long),
    jobs: counter('crafting_jobs_ended_total', 'Jobs that are over'),
    detected: counter('crafting_findings_detected_total', 'Findings that appeared'),
    resolved: counter('crafting_findings_resolved_total', 'Findings that are proven to be gone'),
    patches: counter('crafting_patch_outcomes_total', 'Attempts to mend, by what became of them'),
    notices: counter('crafting_notices_total', 'Notices to the outside, by what became of them'),
    digests: counter('crafting_digests_total', 'Mails of the digest, by what became of them'),
    fetches: counter('crafting_git_fetches_total', 'Commits that runners asked a repository for'),
    incomplete: counter('crafting_parser_incomplete_total', 'Outputs of tools that were not read to their end'),
    signIns: counter('crafting_sign_in_refused_total', 'Requests with a bearer or session that is not known'),
  };
  // A rate needs a first value: what can be named before it happens is there from the start.
  for (const histogram of [meters.append, meters.lag]) histogram.begin();
  for (const recipe of recipeNames) for (const one of [meters.wait, meters.duration]) one.begin({ recipe });
  for (const step of ['fetch', 'tree', 'install', 'run']) meters.step.begin({ step });
  for (const outcome of Object.values(patchOutcomes)) meters.patches.add({ outcome }, 0);
  for (const channel of noticeChannels)
    for (const outcome of ['sent', 'failed']) meters.notices.add({ channel, outcome }, 0);
  for (const severity of severities) meters.detected.add({ severity }, 0);
  for (const recipe of recipeNames)
    for (const result of ['succeeded', 'failed', 'cancelled'])
      meters.jobs.add({ recipe, result, reason: result === 'cancelled' ? 'cancelled' : 'exited' }, 0);
  meters.resolved.add({}, 0);
  for (const result of ['ok', 'failed']) meters.fetches.add({ result }, 0);
  for (const outcome of ['sent', 'failed']) meters.digests.add({ outcome }, 0);
  meters.signIns.add({}, 0);
  return { ...meters, text: series.text };
}

export type Meters = ReturnType<typeof openMeters>;
