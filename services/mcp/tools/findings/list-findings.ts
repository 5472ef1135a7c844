import { Type } from '@sinclair/typebox';
import { AppError } from '../../../floor/app-error.ts';
import { fittingPage, restOf } from '../../answers/fitting-page.ts';
import { NextCursor, ProjectName, page, queryOf, Rows } from '../../answers/tool-fields.ts';
import { fenced } from '../../answers/untrusted-text.ts';
import { defineTool, type FarmClient, looks } from '../../define.ts';
import { noSuchProject } from './finding-fields.ts';
import { type FindingDoc, findingLine, findingRow } from './get-findings.ts';

type Found = { findings: FindingDoc[]; next_cursor: string | null };

const Word = (description?: string) =>
  Type.Optional(Type.String({ maxLength: 512, ...(description ? { description } : {}) }));

export const listFindings = defineTool({
  name: 'crafting_table_list_findings',
  toolset: 'findings',
  title: 'List findings',
  description: 'Open findings of a project, the worst first. state, severity and kind take several words, with commas.',
  input: Type.Object(
    {
      project: ProjectName,
      state: Type.Optional(Type.String({ maxLength: 512, default: 'open' })),
      severity: Word(),
      kind: Word('lint, cve …'),
      tool: Word(),
      rule: Word('its code'),
      path: Word('its first folders'),
      q: Word('words in it'),
      saved: Word('a saved filter'),
      new: Type.Optional(Type.Boolean()),
      patchable: Type.Optional(Type.Boolean()),
      ...page,
    },
    { additionalProperties: false },
  ),
  output: Type.Object({ findings: Rows, next_cursor: NextCursor }),
  annotations: looks,
  async run({ limit = 25, state, saved, new: isNew, patchable, ...wanted }, client) {
    const kept = saved === undefined ? { state: 'open' } : await savedFilter(saved, client);
    const flags = { new: flag(isNew), patchable: flag(patchable) };
    const found = await fittingPage(
      async (most) => {
        const query = queryOf({ sort: 'severity', ...kept, ...given({ ...wanted, ...flags, state }), limit: most });
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

type Saved = { name: string; filter: Record<string, string | number | string[]> };

/** What a saved filter asks for. Throws AppError('not_found') with the names that there are. */
async function savedFilter(name: string, client: FarmClient): Promise<Saved['filter']> {
  const { filters } = await client.get<{ filters: Saved[] }>('/filters');
  const found = filters.find((one) => one.name === name);
  if (found) return found.filter;
  const known = filters.map((one) => JSON.stringify(one.name)).join(', ') || 'none';
  throw new AppError('not_found', `No filter ${JSON.stringify(name)} is saved; there are: ${known}.`);
}

const given = (asked: Record<string, string | number | boolean | undefined>) =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
