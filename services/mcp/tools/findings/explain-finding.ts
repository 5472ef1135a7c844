import { Type } from '@sinclair/typebox';
import type { HistoryEntry } from '../../../documents/history-entry.ts';
import { bytesOf, fitting } from '../../answers/answer-size.ts';
import { Row, Rows } from '../../answers/tool-fields.ts';
import { fenced, shown } from '../../answers/untrusted-text.ts';
import { defineTool, looks } from '../../define.ts';
import { type FindingDoc, findingLine, findingRow } from './get-findings.ts';

type Shown = { finding: FindingDoc; history: HistoryEntry[] };
type Link = { seq: number; time: string; type: string; entity?: string; id?: string; says: string };

export const explainFinding = defineTool({
  name: 'crafting_table_explain_finding',
  toolset: 'findings',
  title: 'Explain a finding',
  description: 'A finding, and what led to it and became of it: the chain of events, oldest first.',
  input: Type.Object({ finding_id: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }),
  output: Type.Object({ finding: Row, chain: Rows, left_out: Type.Integer() }),
  annotations: looks,
  async run({ finding_id }, client) {
    const { finding, history } = await client.get<Shown>(
      `/findings/${finding_id}`,
      `There is no finding ${finding_id}, or it is not yours: crafting_table_get_findings lists the findings of a job.`,
    );
    const explained = await client.find<{ chain: Link[]; truncated?: string | null }>(
      `/findings/${finding_id}/explain`,
    );
    const links = (explained?.chain ?? history.map(linkOf)).map(rowOf);
    const pairs = links.map((row) => [row, `${row.seq}  ${row.time}  ${row.type}  ${row.says}`] as const);
    // The newest of a long story say where it stands.
    const room = fitting(
      pairs.toReversed().map(([row, line]) => bytesOf(row) + bytesOf(line)),
      18_000,
    );
    const kept = pairs.slice(pairs.length - room);
    const left = pairs.length - kept.length;
    const truncated = explained?.truncated ? ` ${shown(explained.truncated)}.` : '';
    const cut = left > 0 ? ` The ${left} oldest events are left out; they are in the history of its page.` : '';
    return {
      prose: `Finding ${finding_id} is ${finding.state}; ${pairs.length} events led here or follow.${truncated}${cut}\n${fenced([findingLine(finding), ...kept.map(([, line]) => line)])}`,
      data: { finding: findingRow(finding), chain: kept.map(([row]) => row), left_out: left },
    };
  },
});

function linkOf({ type, seq, time, job_id, reason, by }: HistoryEntry): Link {
  const says = [by && `by ${by}`, job_id && `job ${job_id}`, reason].filter(Boolean).join(', ');
  return { seq, time, type, says };
}

function rowOf({ seq, time, type, entity, id, says }: Link) {
  return {
    seq,
    time,
    type,
    ...(entity ? { entity } : {}),
    ...(id ? { id: shown(id, 80) } : {}),
    says: shown(says, 400),
  };
}
