import { Type } from '@sinclair/typebox';
import { fittingPage, restOf } from '../../answers/fitting-page.ts';
import { NextCursor, ProjectName, page, queryOf, Rows } from '../../answers/tool-fields.ts';
import { fenced } from '../../answers/untrusted-text.ts';
import { defineTool, looks } from '../../define.ts';
import { noSuchProject } from './finding-fields.ts';
import { type FindingDoc, findingLine, findingRow } from './get-findings.ts';

type Found = { findings: FindingDoc[]; next_cursor: string | null };

const Word = (description?: string) =>
  Type.Optional(Type.String({ maxLength: 512, ...(description ? { description } : {}) }));

export const listFindings = defineTool({
  name: 'crafting_table_list_findings',
  toolset: 'findings',
  title: 'List findings',
  description:
    'Open findings of a project over all its jobs, the worst first. state, severity and kind take several words, with commas.',
  input: Type.Object(
    {
      project: ProjectName,
      state: Type.Optional(Type.String({ maxLength: 512, default: 'open' })),
      severity: Word(),
      kind: Word('lint, test_fail, cve …'),
      tool: Word(),
      rule: Word('code of the tool'),
      path: Word('files whose path begins so'),
      q: Word('words that stand in it'),
      new: Type.Optional(Type.Boolean()),
      patchable: Type.Optional(Type.Boolean()),
      ...page,
    },
    { additionalProperties: false },
  ),
  output: Type.Object({ findings: Rows, next_cursor: NextCursor }),
  annotations: looks,
  async run({ limit = 25, state = 'open', new: isNew, patchable, ...wanted }, client) {
    const flags = { new: flag(isNew), patchable: flag(patchable) };
    const found = await fittingPage(
      async (most) => {
        const query = queryOf({ ...wanted, ...flags, state, sort: 'severity', limit: most });
        const { findings, next_cursor } = await client.get<Found>(`/findings${query}`, noSuchProject(wanted.project));
        return { items: findings, next_cursor };
      },
      limit,
      { rowOf: (finding) => ({ ...findingRow(finding), job_id: finding.last_seen_job }), lineOf: findingLine },
    );
    const prose =
      found.rows.length === 0
        ? `No such findings of ${wanted.project}.`
        : `Findings of ${wanted.project}, the worst first: ${found.rows.length}.${restOf(found, limit)}\n${fenced(found.lines)}`;
    return { prose, data: { findings: found.rows, next_cursor: found.next_cursor } };
  },
});

const flag = (value: boolean | undefined) => (value === undefined ? undefined : value ? '1' : '0');
