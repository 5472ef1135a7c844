import { Type } from '@sinclair/typebox';
import { AppError } from '../../../floor/app-error.ts';
import { bytesOf, fitting } from '../../answers/answer-size.ts';
import { Lines, ProjectName, queryOf, Text } from '../../answers/tool-fields.ts';
import { cleaned, fenced, shown } from '../../answers/untrusted-text.ts';
import { defineTool, looks } from '../../define.ts';
import { FindingId } from './finding-fields.ts';

type Source = { sha: string; path: string; from: number; to: number; total_lines: number; lines: string[] };

/** Bytes of lines; they stand twice in an answer. */
const room = 11_500;

export const getSource = defineTool({
  name: 'crafting_table_get_source',
  toolset: 'findings',
  title: 'Get source',
  description:
    'Lines of a file at a commit (without sha the last one that was judged), or those around finding_id where it was seen. from and to are line numbers.',
  input: Type.Object(
    {
      project: Type.Optional(ProjectName),
      path: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
      sha: Type.Optional(Type.String({ pattern: '^[0-9a-f]{40,64}$' })),
      from: Type.Optional(Type.Integer({ minimum: 1, default: 1 })),
      to: Type.Optional(Type.Integer({ minimum: 1 })),
      finding_id: Type.Optional(FindingId),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    path: Text,
    sha: Text,
    from: Type.Integer(),
    to: Type.Integer(),
    total_lines: Type.Integer(),
    lines: Lines,
  }),
  annotations: looks,
  async run({ project, path, finding_id, ...range }, client) {
    const found = await client.get<Source>(addressOf({ project, path, finding_id, range }));
    const texts = found.lines.map(cleaned);
    const lines = texts.slice(0, fitting(texts.map(bytesOf), room));
    const to = found.from + lines.length - 1;
    const rest = to < found.total_lines ? ` From line ${to + 1}: call again with from ${to + 1}.` : '';
    const numbered = lines.map((line, at) => `${found.from + at}\t${line}`);
    return {
      prose: `${shown(found.path)} at ${found.sha}, lines ${found.from} to ${to} of ${found.total_lines}.${rest}\n${fenced(numbered)}`,
      data: { path: found.path, sha: found.sha, from: found.from, to, total_lines: found.total_lines, lines },
    };
  },
});

type Asked = {
  readonly project: string | undefined;
  readonly path: string | undefined;
  readonly finding_id: number | undefined;
  readonly range: { readonly sha?: string; readonly from?: number; readonly to?: number };
};

function addressOf({ project, path, finding_id, range }: Asked): string {
  if (finding_id !== undefined) return `/findings/${finding_id}/source?context=20`;
  if (project !== undefined && path !== undefined) return `/projects/${project}/source${queryOf({ path, ...range })}`;
  throw new AppError('invalid', 'Expected project and path, or finding_id.');
}
