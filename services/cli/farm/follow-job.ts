import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { counted } from '../../floor/text/counted.ts';
import { printableLines } from '../../floor/text/printable.ts';
import type { Cli } from '../define.ts';
import { paint, styleOf } from '../print/paint.ts';
import { reportFilter } from '../print/report-filter.ts';
import type { ApiClient } from './api-client.ts';
import { resumedMessages } from './resume-stream.ts';

/**
 * Shows the log of a job while it grows, and answers the job when it is over; `withoutReports` leaves out what tools print
 * for programs. Throws AbortError at Ctrl-C.
 */
export async function followJob(
  cli: Cli,
  api: ApiClient,
  id: string,
  { quiet = false, withoutReports = false } = {},
): Promise<JobDoc> {
  const filter = withoutReports ? reportFilter() : { write: (text: string) => text, end: () => '' };
  const path = `/jobs/${encodeURIComponent(id)}`;
  const onLost = (why: string) => cli.printError(`${why} Asking again…`);
  let atLineStart = true;
  const show = (text: string) => {
    if (text === '') return;
    cli.write(cli.terminal.isTTY ? printableLines(text) : text);
    atLineStart = text.endsWith('\n');
  };
  for await (const { event, data } of resumedMessages(api, `${path}/log?follow=1`, { signal: cli.signal, onLost })) {
    if (event === 'end') break;
    if (!quiet) show(filter.write(data));
  }
  show(filter.end());
  if (!atLineStart) cli.write('\n');
  return (await api.get<{ job: JobDoc }>(path)).job;
}

/** What became of a job, in one line. */
export function outcomeLine(cli: Pick<Cli, 'terminal'>, job: JobDoc): string {
  const { job_id, recipe, subproject, status, exit_code, reason, findings_count: found, duration_ms } = job;
  const how = [
    paint(cli, styleOf(status), status),
    ...(exit_code ? [`exit ${exit_code}`] : []),
    ...(reason && reason !== 'exited' && reason !== status ? [reason] : []),
    `${counted(found, 'finding')}${job.new_findings_count > 0 ? `, ${job.new_findings_count} new` : ''}${job.baseline_findings_count > 0 ? `, ${job.baseline_findings_count} known since this first look` : ''}`,
    secondsOf(duration_ms),
  ];
  return `${recipe} of ${printableLines(subproject)} (${job_id}): ${how.filter(Boolean).join(', ')}`;
}

/** A duration as people read it; nothing when there is none yet. */
export function secondsOf(ms: number | null): string {
  if (ms === null) return '';
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`;
}
