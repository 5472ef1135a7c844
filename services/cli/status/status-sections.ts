import { stripVTControlCharacters } from 'node:util';
import { printable } from '../../floor/text/printable.ts';
import { freedWords } from '../../io/disk/free-room.ts';
import type { Cli } from '../define.ts';
import { cut, widthOf } from '../print/fit-table.ts';
import { paint, type Style, styleOf } from '../print/paint.ts';
import type { StatusDocument, StatusLook } from './status-document.ts';

type Painter = Pick<Cli, 'terminal'>;

/** A word of a line: how wide it stands, 0 for all that is left, and how it is painted. */
type Cell = readonly [text: string, width: number, style?: Style | null];

/** A part of the screen; `lines` makes them for a width. */
export type Section = { readonly title: string; readonly empty: string; readonly rows: readonly (readonly Cell[])[] };

/** Cells beside each other in a line of exactly this width at most. What does not fit is cut. */
export function lineOf(cells: readonly Cell[], width: number, cli: Painter): string {
  const fixed = cells.reduce((sum, [, wide]) => sum + wide, 0) + 2 * (cells.length - 1);
  const loose = cells.filter(([, wide]) => wide === 0).length;
  const share = Math.max(0, Math.floor((width - fixed) / Math.max(1, loose)));
  let left = width;
  return cells
    .flatMap(([text, wide, style = null], at) => {
      const room = Math.min(left, wide || share);
      if (room <= 0) return [];
      const shown = cut(printable(stripVTControlCharacters(text)), room);
      const isLast = at === cells.length - 1;
      left -= room + 2;
      return [paint(cli, style, shown) + (isLast ? '' : ' '.repeat(room - widthOf(shown)))];
    })
    .join('  ')
    .trimEnd();
}

/** The sections of the screen, those of the left half first. */
export function sectionsOf(status: StatusDocument): { left: Section[]; right: Section[] } {
  return {
    left: [...(status.admin ? [runners(status)] : []), running(status), queue(status), schedules(status)],
    right: [...(status.admin ? [consumers(status)] : []), findings(status), patches(status), ...refused(status)],
  };
}

/** Of a ULID. */
const madeUpLength = 26;

/** Shown only where something is to be done about it. */
function refused({ forge_refused }: StatusDocument): Section[] {
  if (forge_refused.length === 0) return [];
  const rows = forge_refused.map(({ project, reason }): Cell[] => [
    [project, 18, 'yellow'],
    [reason, 0],
  ]);
  return [{ title: 'NOTHING IS SENT TO THE FORGE', empty: '', rows }];
}

function runners({ runners: all, slots }: StatusDocument): Section {
  return {
    title: `RUNNERS ${all.length}, ${slots.busy} of ${slots.all} slots busy`,
    empty: 'no runner is there: nothing will run',
    rows: all.map(({ name, host, slots: count, busy, containment, sandbox }) => [
      [bar(busy, count), 10, busy >= count ? 'yellow' : 'green'],
      [`${busy}/${count}`, 7],
      [nameOf(name, host), 16],
      [`${containment}${sandbox === null ? '' : `, sandbox ${sandbox}`}`, 0],
    ]),
  };
}

/** Runners of the house have made-up names, which tell less than their machine. */
function nameOf(name: string, host: string): string {
  return host !== '' && name.length < madeUpLength ? `${name} on ${host}` : host || name;
}

function bar(busy: number, all: number): string {
  const full = all === 0 ? 0 : Math.min(10, Math.round((busy / all) * 10));
  return `${'#'.repeat(full)}${'.'.repeat(10 - full)}`;
}

function running({ running: jobs, jobs: counts }: StatusDocument): Section {
  return {
    title: `RUNNING ${counts.running}${counts.parsing > 0 ? `, ${counts.parsing} being read` : ''}`,
    empty: 'nothing runs',
    rows: jobs.map(({ project, subproject, recipe, branch, elapsed_ms, cancelling }) => [
      [durationOf(elapsed_ms), 8, 'cyan'],
      [recipe, 5],
      [subproject === '.' ? project : `${project} ${subproject}`, 0],
      [cancelling ? 'ending' : branch, 14, cancelling ? 'yellow' : null],
    ]),
  };
}

function queue({ queue: groups, jobs }: StatusDocument): Section {
  return {
    title: `QUEUE ${jobs.queued}`,
    empty: 'nothing waits',
    rows: groups.map(({ priority, project, jobs: count, waiting_ms, why }) => [
      [durationOf(waiting_ms), 8],
      [priority, 6, priority === 'high' ? 'yellow' : null],
      [`${count} x`, 6],
      [project, 18],
      [why, 0],
    ]),
  };
}

function schedules({ schedules: next }: StatusDocument): Section {
  return {
    title: 'NEXT',
    empty: 'nothing has a time',
    rows: next.map(({ project, recipe, at, in_ms }) => [
      [`in ${durationOf(in_ms)}`, 11],
      [recipe, 5],
      [project, 0],
      [`${at.slice(5, 16).replace('T', ' ')}Z`, 12],
    ]),
  };
}

/** Who writes the read models of each host; with one host alone the line of the log says it. */
function projectorRows({ projectors }: StatusDocument): Cell[][] {
  if (projectors.length < 2) return [];
  return projectors.map(({ host, behind, stopped, stands_in, silent, snapshot_seq }) => [
    [`projector of ${host}${stands_in ? ', standing in' : ''}${silent ? ', gone?' : ''}`, 0],
    [
      stopped === null ? `${behind ?? '?'} behind` : 'stopped',
      16,
      stopped !== null || (behind ?? 0) > 0 ? 'yellow' : null,
    ],
    [snapshot_seq === null ? '' : `at ${snapshot_seq}`, 12],
  ]);
}

function consumers(status: StatusDocument): Section {
  const { consumers: all, notices_pending } = status;
  const behind = all.reduce((sum, one) => sum + one.behind, 0);
  const waiting = notices_pending ? `, ${notices_pending} notices wait` : '';
  return {
    title: `CONSUMERS ${behind === 0 ? 'are up to date' : `are ${behind} events behind`}${waiting}`,
    empty: 'none is there',
    rows: [
      ...projectorRows(status),
      ...[...all]
        .sort((a, b) => b.behind - a.behind)
        .map(({ name, behind: events, in_flight }): Cell[] => [
          [name, 0],
          [`${events} behind`, 16, events > 0 ? 'yellow' : null],
          [in_flight > 0 ? `${in_flight} at work` : '', 12],
        ]),
    ],
  };
}

function findings({ findings: found }: StatusDocument): Section {
  return {
    title: 'LAST FINDINGS',
    empty: 'nothing is open',
    rows: found.map(({ severity, project, file, line, code, tool, message }) => [
      [severity, 8, styleOf(severity)],
      [project, 12],
      [file === null ? tool : `${file}${line === null ? '' : `:${line}`}`, 22],
      [`${code ?? tool}: ${message.split('\n')[0] ?? ''}`, 0],
    ]),
  };
}

function patches({ patches: attempts }: StatusDocument): Section {
  return {
    title: 'LAST PATCHES',
    empty: 'nothing was proposed',
    rows: attempts.map(({ id, project, status, pr_url, title, branch }) => [
      [status, 13, styleOf(status)],
      [project, 12],
      [id, 9],
      [pr_url ?? title ?? branch, 0],
    ]),
  };
}

/** The head of the screen: where, how far, and what is wrong. */
export function headOf({ url, status, rate, trouble }: StatusLook, width: number, cli: Painter): string[] {
  const { version, time, jobs, slots, log, digest_overdue: overdue } = status;
  const behind = log.end === null ? null : Math.max(0, log.end - log.seq);
  const speed = rate === null ? '' : `, ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} a second`;
  const models = log.rebuilding
    ? `read models rebuilding at ${log.rebuilding.seq} of ${log.rebuilding.target}`
    : behind === null
      ? 'the log does not answer'
      : `read models ${behind === 0 ? 'up to date' : `${behind} behind`}`;
  const alarms = [
    trouble && `no answer: ${trouble}`,
    log.rolled_back && `the log is not the one that was vouched for: ${log.rolled_back}`,
    log.stopped && `the projector stopped: ${log.stopped}`,
    status.no_new_work && `no new work is taken: ${status.no_new_work}`,
    status.roles_missing.length > 0 && `nobody is ${status.roles_missing.join(', ')}: what that does waits`,
    overdue && `digest of ${overdue.date} is overdue for ${overdue.projects} projects: ${overdue.reason}`,
  ].filter((words) => typeof words === 'string');
  return [
    lineOf(
      [
        [`crafting-table ${version}`, 0, 'bold'],
        [url, Math.min(40, widthOf(url))],
        [`${time.slice(0, 19).replace('T', ' ')}Z`, 20],
      ],
      width,
      cli,
    ),
    lineOf(
      [
        [
          `slots ${slots.busy}/${slots.all}  running ${jobs.running}  queued ${jobs.queued}  reading ${jobs.parsing}`,
          0,
        ],
      ],
      width,
      cli,
    ),
    lineOf(
      [[`log at ${log.end ?? '?'}${speed}; ${models}`, 0, behind === null || behind > 1000 ? 'yellow' : null]],
      width,
      cli,
    ),
    ...alarms.map((words) => lineOf([[`! ${words}`, 0, ['red', 'bold']]], width, cli)),
    ...(status.disk?.freed ? [lineOf([[freedWords(status.disk.freed), 0, 'yellow']], width, cli)] : []),
  ];
}

/** A span of time in at most 8 characters: 4.2 s, 3:07, 2:15:09, 3 d 4 h. */
export function durationOf(ms: number): string {
  const secs = Math.floor(ms / 1000);
  const two = (count: number) => String(count).padStart(2, '0');
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (secs < 3600) return `${Math.floor(secs / 60)}:${two(secs % 60)}`;
  const hours = Math.floor(secs / 3600);
  if (hours < 48) return `${hours}:${two(Math.floor(secs / 60) % 60)}:${two(secs % 60)}`;
  const days = Math.floor(hours / 24);
  return days < 10 ? `${days} d ${hours % 24} h` : `${days} d`;
}
