import { AppError } from '../../floor/app-error.ts';
import { pagePath } from '../../floor/page-paths.ts';
import type { CommandUnit } from '../define.ts';
import { withExamples } from '../print/output-options.ts';

const pages = {
  digest: pagePath.digest,
  finding: pagePath.finding,
  job: pagePath.job,
  patch: pagePath.patch,
  project: pagePath.project,
} as const;

const isPage = (kind: string): kind is keyof typeof pages => Object.hasOwn(pages, kind);

export const openCommand: CommandUnit = (command, does) => {
  command
    .argument('[kind]', `what to open: ${Object.keys(pages).join(', ')}; the overview unless told`)
    .argument('[id]', 'which one')
    .action(
      does(async (cli, kind: string | undefined, id: string | undefined) => {
        const page = pageOf(kind, id);
        const api = await cli.client();
        const { code } = await api.post<{ code: string }>('/session/codes', undefined);
        // Printed and not handed to a browser: a code in the arguments of a program is everybody's to read.
        cli.print(`${api.url}${pagePath.signIn(page)}#code=${code}`);
        cli.printError('It signs one browser in as you, once and within 10 minutes.');
        return 0;
      }),
    );
  withExamples(command, ['open', 'open project shop', 'open job 01JZ6Y3W9T5E8R2Q4M7N0P1S2V', 'open finding 17']);
};

function pageOf(kind: string | undefined, id: string | undefined): string | undefined {
  if (kind === undefined) return undefined;
  if (!isPage(kind))
    throw new AppError(
      'invalid',
      `There is no page of ${JSON.stringify(kind)}: expected ${Object.keys(pages).join(', ')}.`,
    );
  if (id === undefined) throw new AppError('invalid', `Say which ${kind}: crafting-table open ${kind} ID.`);
  return pages[kind](id);
}
