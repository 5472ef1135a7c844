import { Type } from '@sinclair/typebox';
import { bytesOf, fitting } from '../../answers/answer-size.ts';
import { JobId, Lines, Text } from '../../answers/tool-fields.ts';
import { cleaned, fenced } from '../../answers/untrusted-text.ts';
import { defineTool, looks } from '../../define.ts';
import { noSuchJob } from './job-words.ts';
import { type Asked, type LogLine, matchesIn } from './log-matches.ts';

/** As many lines as the API gives from the end of a log; what is searched. */
const mostLines = 100_000;
const mostChars = 500;
/** Bytes of lines; they stand twice in an answer. */
const room = 11_500;

export const getLog = defineTool({
  name: 'crafting_table_get_log',
  toolset: 'jobs',
  title: 'Get a log',
  description:
    "The last lines of a job's log, or the lines that hold search, with context. skip leaves out so many lines from the end, or matches from the start.",
  input: Type.Object(
    {
      job_id: JobId,
      tail: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
      search: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
      context: Type.Optional(Type.Integer({ minimum: 0, maximum: 20, default: 2 })),
      skip: Type.Optional(Type.Integer({ minimum: 0, maximum: 90_000, default: 0 })),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({ job_id: Text, lines: Lines, matches: Type.Integer(), note: Text }),
  annotations: looks,
  async run({ job_id, tail = 100, search, context = 2, skip = 0 }, client) {
    const wanted = search === undefined ? tail + skip : mostLines;
    const text = await client.text(`/jobs/${job_id}/log?tail=${wanted}`, noSuchJob);
    const all = text === '' ? [] : text.replace(/\n$/, '').split('\n');
    const { lines, matches, note } =
      search === undefined ? endOf(all, { tail, skip }) : foundIn(all, { search, context, skip });
    return { prose: `${note}\n${fenced(lines)}`, data: { job_id, lines, matches, note } };
  },
});

type Part = { lines: string[]; matches: number; note: string };

function endOf(all: readonly string[], { tail, skip }: { tail: number; skip: number }): Part {
  const asked = all
    .slice(0, Math.max(0, all.length - skip))
    .slice(-tail)
    .map(brief);
  const kept = asked.slice(asked.length - fitting(asked.toReversed().map(bytesOf), room));
  const where = skip === 0 ? 'The last' : `Before the last ${skip} lines:`;
  const cut =
    kept.length < asked.length
      ? ` No more fit into one answer: skip ${skip + kept.length} gives those before, search finds some.`
      : '';
  return { lines: kept, matches: 0, note: `${where} ${kept.length} lines.${cut}` };
}

function foundIn(all: readonly string[], asked: Asked): Part {
  const { groups, total } = matchesIn(all, asked);
  const printed = groups.map((group, index) => [...(index > 0 ? ['--'] : []), ...group.map(lineOf)]);
  let shown = groups.slice(
    0,
    fitting(
      printed.map((lines) => lines.reduce((sum, line) => sum + bytesOf(line) + 1, 0)),
      room,
    ),
  );
  let lines = printed.slice(0, shown.length).flat();
  const [first] = groups;
  if (first && shown.length === 0) {
    // Its context alone is too long: the matches without it.
    const bare = first.filter(({ isMatch }) => isMatch);
    shown = [bare.slice(0, fitting(bare.map(lineOf).map(bytesOf), room))];
    lines = shown.flat().map(lineOf);
  }
  const told = shown.flat().filter(({ isMatch }) => isMatch).length;
  const next = asked.skip + told;
  const more = next < total ? ` There are more: skip ${next} gives the next.` : '';
  const part =
    all.length < mostLines ? '' : ` Only the last ${mostLines} lines were searched, and numbered from there.`;
  return { lines, matches: total, note: `${told} of ${total} matches in ${all.length} lines.${more}${part}` };
}

function lineOf({ number, isMatch, text }: LogLine): string {
  return `${number}${isMatch ? ':' : '-'} ${brief(text)}`;
}

function brief(line: string): string {
  const text = cleaned(line.slice(0, mostChars * 2));
  const isLong = text.length > mostChars || line.length > mostChars * 2;
  return isLong ? `${text.slice(0, mostChars).toWellFormed()}…` : text;
}
