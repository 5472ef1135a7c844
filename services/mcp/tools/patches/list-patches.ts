import { Type } from '@sinclair/typebox';
import { oneOf } from '../../../../events/fields.ts';
import { type PatchDoc, patchStatuses } from '../../../../projections/patches/patch-document.ts';
import { fittingPage, restOf } from '../../answers/fitting-page.ts';
import { NextCursor, ProjectName, page, queryOf, Rows } from '../../answers/tool-fields.ts';
import { fenced } from '../../answers/untrusted-text.ts';
import { defineTool, looks } from '../../define.ts';
import { patchLine, patchRow } from './patch-row.ts';

type PatchPage = { patches: PatchDoc[]; next_cursor: string | null };

export const listPatches = defineTool({
  name: 'crafting_table_list_patches',
  toolset: 'patches',
  title: 'List patches',
  description: 'Attempts to mend findings, newest first: how far each is, its branch and pull request, why it failed.',
  input: Type.Object(
    {
      project: Type.Optional(ProjectName),
      status: Type.Optional(oneOf(patchStatuses)),
      ...page,
    },
    { additionalProperties: false },
  ),
  output: Type.Object({ patches: Rows, next_cursor: NextCursor }),
  annotations: looks,
  async run({ limit = 25, ...wanted }, client) {
    const found = await fittingPage(
      async (most) => {
        const { patches, next_cursor } = await client.get<PatchPage>(`/patches${queryOf({ ...wanted, limit: most })}`);
        return { items: patches, next_cursor };
      },
      limit,
      { rowOf: patchRow, lineOf: patchLine },
    );
    const prose =
      found.rows.length === 0
        ? 'No such patches. crafting_table_draft_patch begins one.'
        : `Patches, newest first: ${found.rows.length}.${restOf(found, limit)}\n${fenced(found.lines)}`;
    return { prose, data: { patches: found.rows, next_cursor: found.next_cursor } };
  },
});
