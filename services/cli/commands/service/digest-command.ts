import { printable, printableLines } from '../../../floor/text/printable.ts';
import type { CommandUnit } from '../../define.ts';
import { type OutputOptions, outputOf, printJson, withExamples, withOutput } from '../../print/output-options.ts';
import { paint } from '../../print/paint.ts';

type Digest = {
  readonly date: string;
  readonly recorded: boolean;
  readonly mails: readonly { subject: string; text: string; projects: readonly string[]; status?: string }[];
  readonly skipped: readonly { project: string; reason: string }[];
};

export const digestCommand: CommandUnit = (digest, does) => {
  withOutput(digest.command('preview', { isDefault: true }), ['table', 'json'])
    .description('what would be mailed now, or was on a date; nothing is sent (admin)')
    .option('--date <date>', 'a day such as 2026-01-31')
    .action(
      does(async (cli, { date, ...options }: OutputOptions & { date?: string }) => {
        const api = await cli.client();
        const found =
          date === undefined
            ? await api.post<Digest>('/admin/digest/run-now', { dry_run: true })
            : await api.get<Digest>(`/digests/${encodeURIComponent(date)}`);
        if (outputOf(options) === 'json') {
          printJson(cli, found);
          return 0;
        }
        for (const { subject, text, status } of found.mails) {
          cli.print(paint(cli, 'bold', `${printable(subject)}${status ? ` (${status})` : ''}`));
          cli.print(`\n${printableLines(text)}`);
        }
        for (const { project, reason } of found.skipped) cli.printError(`${project}: ${printable(reason)}`);
        if (found.mails.length === 0) cli.printError(`There is no mail for ${found.date}.`);
        return 0;
      }),
    );
  withExamples(digest, ['digest preview', 'digest preview --date 2026-01-31 --json']);
};
