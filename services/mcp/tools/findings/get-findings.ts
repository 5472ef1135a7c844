import { type Static, Type } from '@sinclair/typebox';
import type { Finding } from '../../../documents/finding-schema.ts';
import { fittingPage, restOf } from '../../answers/fitting-page.ts';
import { JobId, NextCursor, page, queryOf, Rows, Text } from '../../answers/tool-fields.ts';
import { fenced, shown } from '../../answers/untrusted-text.ts';
import { defineTool, looks } from '../../define.ts';
import { type JobAnswer, noSuchJob, over } from '../jobs/job-words.ts';

export type FindingDoc = Static<typeof Finding>;
type FindingPage = { findings: FindingDoc[]; next_cursor: string | null };

const usual = [
  'severity',
  'kind',
  'tool',
  'code',
  'file',
  'line',
  'message',
  'suggested_fix',
  'state',
  'is_new',
] as const;
const mostFields = 12;

export const getFindings = defineTool({
  name: 'crafting_table_get_findings',
  toolset: 'findings',
  title: 'Get findings',
  description:
    'What a job that is over found. fields chooses others than the usual, such as package, fixed_version, url, edits, raw_json, identity.',
  input: Type.Object(
    {
      job_id: JobId,
      fields: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z_]{1,32}$' }), { maxItems: mostFields })),
      ...page,
    },
    { additionalProperties: false },
  ),
  output: Type.Object({ job_id: Text, status: Text, total: Type.Integer(), findings: Rows, next_cursor: NextCursor }),
  annotations: looks,
  async run({ job_id, fields = usual, limit = 25, cursor }, client) {
    const { job } = await client.get<JobAnswer>(`/jobs/${job_id}`, noSuchJob);
    const found = await fittingPage(
      async (most) => {
        const { findings, next_cursor } = await client.get<FindingPage>(
          `/jobs/${job_id}/findings${queryOf({ limit: most, cursor })}`,
          noSuchJob,
        );
        return { items: findings, next_cursor };
      },
      limit,
      { rowOf: (finding) => findingRow(finding, fields), lineOf: findingLine },
    );
    const early = over.has(job.status)
      ? ''
      : ` The job is still ${job.status}: its findings are complete only when it is over.`;
    const count = `${found.rows.length} of ${job.findings_count} findings of job ${job_id} (${job.status}).`;
    return {
      prose: `${count}${early}${restOf(found, limit)}${found.lines.length > 0 ? `\n${fenced(found.lines)}` : ''}`,
      data: {
        job_id,
        status: job.status,
        total: job.findings_count,
        findings: found.rows,
        next_cursor: found.next_cursor,
      },
    };
  },
});

/** The id and the chosen fields of a finding; what is long is cut, and ends in `…`. */
export function findingRow(finding: FindingDoc, fields: readonly string[] = usual): object {
  const values = finding as unknown as Record<string, unknown>;
  const chosen = fields
    .filter((name) => name in values && name !== 'id')
    .map((name) => [name, brief(values[name])] as const);
  return { id: finding.id, ...Object.fromEntries(chosen) };
}

function brief(value: unknown): unknown {
  if (typeof value === 'string') return shown(value, 500);
  return typeof value === 'object' && value !== null ? shown(JSON.stringify(value), 500) : value;
}

export function findingLine(finding: FindingDoc): string {
  const { id, severity, tool, code, file, line, state, is_new } = finding;
  const place = file === null ? '' : ` ${shown(file, 200)}${line === null ? '' : `:${line}`}`;
  const news = is_new ? 'new' : state;
  return `#${id} ${severity} ${tool} ${shown(code ?? '', 80)}${place}  ${shown(finding.message, 300)}  [${news}]`;
}
