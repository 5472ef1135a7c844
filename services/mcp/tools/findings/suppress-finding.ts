import { Type } from '@sinclair/typebox';
import { AppError } from '../../../floor/app-error.ts';
import { Row } from '../../answers/tool-fields.ts';
import { fenced } from '../../answers/untrusted-text.ts';
import { changes, defineTool } from '../../define.ts';
import { FindingId, noSuchFinding } from './finding-fields.ts';
import { type FindingDoc, findingLine, findingRow } from './get-findings.ts';

export const suppressTool = defineTool({
  name: 'crafting_table_suppress',
  toolset: 'findings',
  title: 'Suppress a finding',
  description: 'Lives with a finding, for a reason and until a time (ISO 8601). Without a reason the person is asked.',
  input: Type.Object(
    {
      finding_id: FindingId,
      reason: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
      until: Type.Optional(Type.String({ maxLength: 64 })),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({ finding: Row }),
  annotations: changes,
  asks: { field: 'reason', title: 'Reason', message: 'Why is this finding to be lived with?' },
  async run({ finding_id, reason, until }, client) {
    if (reason === undefined) throw new AppError('invalid', 'reason: expected a text that says why.');
    const { finding } = await client.post<{ finding: FindingDoc }>(
      `/findings/${finding_id}/suppress`,
      { reason, ...(until === undefined ? {} : { until }) },
      noSuchFinding(finding_id),
    );
    return {
      prose: `Finding ${finding_id} is ${finding.state}.\n${fenced([findingLine(finding)])}`,
      data: { finding: findingRow(finding) },
    };
  },
});
