import { Type } from '@sinclair/typebox';
import { bytesOf, fitting, roomForRows } from '../../answers/answer-size.ts';
import { JobId, ProjectName, queryOf, Rows } from '../../answers/tool-fields.ts';
import { inTools } from '../../answers/tool-words.ts';
import { fenced, shown } from '../../answers/untrusted-text.ts';
import { defineTool, looks, type Tool, type ToolAnswer } from '../../define.ts';
import { noSuchProject } from '../findings/finding-fields.ts';
import { type FindingDoc, findingLine, findingRow } from '../findings/get-findings.ts';
import { noSuchJob } from '../jobs/job-words.ts';

type Listed = { readonly row: object; readonly line: string };

/** As many rows as have room, from the first on, and how many there are. */
function listed(title: string, all: readonly Listed[]): ToolAnswer<{ rows: object[]; total: number }> {
  const kept = all.slice(
    0,
    fitting(
      all.map(({ row, line }) => bytesOf(row) + bytesOf(line)),
      roomForRows,
    ),
  );
  const cut = kept.length < all.length ? ` The first ${kept.length} have room.` : '';
  const lines = kept.length === 0 ? '' : `\n${fenced(kept.map(({ line }) => line))}`;
  return {
    prose: `${title}: ${all.length}.${cut}${lines}`,
    data: { rows: kept.map(({ row }) => row), total: all.length },
  };
}

const output = Type.Object({ rows: Rows, total: Type.Integer() });
const ofProject = Type.Object({ project: ProjectName }, { additionalProperties: false });

type InboxItem = {
  kind: string;
  severity: string | null;
  project: string | null;
  title: string;
  reason: string;
  since: string | null;
  entity: string | null;
  id: string | null;
};

export const inboxTool: Tool = defineTool({
  name: 'crafting_table_inbox',
  toolset: 'insight',
  title: 'Inbox',
  description: 'What needs somebody now, the worst first, and why.',
  input: Type.Object({}, { additionalProperties: false }),
  output,
  annotations: looks,
  async run(_nothing, client) {
    const { items } = await client.get<{ items: InboxItem[] }>('/inbox');
    return listed(
      'Things that need somebody',
      items.map((item) => {
        const [title, reason] = [shown(item.title, 200), inTools(shown(item.reason, 200))];
        return {
          row: { ...item, title, reason },
          line: `${item.severity ?? item.kind}  ${item.project ?? ''}  ${title}  ${reason}`,
        };
      }),
    );
  },
});

type Waiting = { finding_id: number; tool: string; code: string | null; file: string | null; line: number | null } & {
  actionable: boolean;
  reason: string;
  detail: string;
};

/** Why nothing is proposed for a finding, in words of tools. */
export function waitingLine({ finding_id, tool, code, file, line, reason, detail }: Waiting): string {
  return `#${finding_id} ${tool} ${shown(code ?? '', 80)} ${shown(file ?? '', 200)}:${line ?? ''}  ${reason}: ${inTools(shown(detail, 300))}`;
}

export type Proposals = { open: { id: string; status: string; finding_id: number }[]; waiting: Waiting[] };

export const proposalsTool: Tool = defineTool({
  name: 'crafting_table_proposals',
  toolset: 'patches',
  title: 'Proposals',
  description: 'Open attempts of a project, and for every other open finding why nothing is proposed.',
  input: ofProject,
  output,
  annotations: looks,
  async run({ project }, client) {
    const { open, waiting } = await client.get<Proposals>(`/projects/${project}/proposals`, noSuchProject(project));
    return listed(`Open attempts ${open.length}; findings without one`, [
      ...open.map(({ id, status, finding_id }) => ({
        row: { patch_id: id, status, finding_id },
        line: `${id} ${status} for finding #${finding_id}`,
      })),
      ...waiting.map((one) => ({
        row: {
          finding_id: one.finding_id,
          actionable: one.actionable,
          reason: one.reason,
          detail: inTools(shown(one.detail, 300)),
        },
        line: waitingLine(one),
      })),
    ]);
  },
});

type Schedule = { project: string; recipe: string; cron: string; enabled: boolean; next_run_at: string | null };

export const schedulesTool: Tool = defineTool({
  name: 'crafting_table_schedules',
  toolset: 'insight',
  title: 'Schedules',
  description: 'What runs when.',
  input: Type.Object({ project: Type.Optional(ProjectName) }, { additionalProperties: false }),
  output,
  annotations: looks,
  async run({ project }, client) {
    const { schedules } = await client.get<{ schedules: Schedule[] }>(
      `/schedules${queryOf({ project, limit: 200 })}`,
      noSuchProject(project ?? ''),
    );
    return listed(
      'Schedules',
      schedules.map((one) => ({ row: one, line: shown(Object.values(one).map(String).join('  '), 300) })),
    );
  },
});

export const trendsTool: Tool = defineTool({
  name: 'crafting_table_trends',
  toolset: 'insight',
  title: 'Trends',
  description: 'Findings that came, went and stood open, coverage and tests, day by day, the newest first.',
  input: Type.Object(
    { project: ProjectName, days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90, default: 14 })) },
    { additionalProperties: false },
  ),
  output,
  annotations: looks,
  async run({ project, days = 14 }, client) {
    const found = await client.get<{ days: object[] }>(
      `/projects/${project}/trends${queryOf({ days })}`,
      noSuchProject(project),
    );
    return listed(
      'Days',
      found.days.toReversed().map((row) => ({ row, line: shown(JSON.stringify(row), 400) })),
    );
  },
});

type TestAt = { test: string; commit?: string; runs: number; failures: number; flaky: boolean };

export const flakyTestsTool: Tool = defineTool({
  name: 'crafting_table_flaky_tests',
  toolset: 'insight',
  title: 'Flaky tests',
  description: 'Tests that failed and passed at one commit.',
  input: ofProject,
  output,
  annotations: looks,
  async run({ project }, client) {
    const { tests } = await client.get<{ tests: TestAt[] }>(
      `/projects/${project}/tests?flaky=1`,
      noSuchProject(project),
    );
    return listed(
      'Flaky tests',
      tests.map((one) => ({
        row: { ...one, test: shown(one.test, 300) },
        line: `${shown(one.test, 300)}  failed ${one.failures} of ${one.runs} runs`,
      })),
    );
  },
});

type Compared = {
  before: { job_id: string };
  appeared: FindingDoc[];
  gone: FindingDoc[];
  differs: { what: string; before: string | null; now: string | null }[];
};

export const compareTool: Tool = defineTool({
  name: 'crafting_table_compare_jobs',
  toolset: 'insight',
  title: 'Compare jobs',
  description: 'A job beside another one, or beside the last of its recipe that passed: what differs, came and went.',
  input: Type.Object({ job_id: JobId, with: Type.Optional(JobId) }, { additionalProperties: false }),
  output,
  annotations: looks,
  async run({ job_id, with: other }, client) {
    const { before, appeared, gone, differs } = await client.get<Compared>(
      `/jobs/${job_id}/compare${queryOf({ with: other })}`,
      noSuchJob,
    );
    const finding = (what: string) => (one: FindingDoc) => ({
      row: { what, ...findingRow(one) },
      line: `${what}: ${findingLine(one)}`,
    });
    return listed(`Beside job ${before.job_id}: differences`, [
      ...differs.map(({ what, before: then, now }) => ({
        row: { what, before: then === null ? null : shown(then, 300), now: now === null ? null : shown(now, 300) },
        line: `${what}: ${shown(then ?? '-', 200)} before, ${shown(now ?? '-', 200)} now`,
      })),
      ...appeared.map(finding('came')),
      ...gone.map(finding('went')),
    ]);
  },
});
