import { AppError } from '../../../floor/app-error.ts';
import { pagePath } from '../../../floor/page-paths.ts';
import type { CommandUnit } from '../../define.ts';
import { withExamples } from '../../print/output-options.ts';

/** Where the page of a thing is, and where the API says whether it is there; a date has a page in any case. */
const pages = {
  digest: (id: string) => ({ path: pagePath.digest(id), of: null }),
  finding: (id: string) => ({ path: pagePath.finding(id), of: `/findings/${encodeURIComponent(id)}` }),
  job: (id: string) => ({ path: pagePath.job(id), of: `/jobs/${encodeURIComponent(id)}` }),
  patch: (id: string) => ({ path: pagePath.patch(id), of: `/patches/${encodeURIComponent(id)}` }),
  project: (id: string) => ({ path: pagePath.project(id), of: `/projects/${encodeURIComponent(id)}` }),
} as const;

const isPage = (kind: string): kind is keyof typeof pages => Object.hasOwn(pages, kind);

export const openCommand: CommandUnit = (command, does) => {
  command
    .argument('[thing]', `${Object.keys(pages).join(', ')} and its id; or an id, or the name of a project, alone`)
    .argument('[id]', 'which one')
    .action(
      does(async (cli, kind: string | undefined, id: string | undefined) => {
        const page = pageOf(kind, id);
        const api = await cli.client();
        // A name that is nothing's is said here, not on a page that a person then waits for.
        if (page?.of) await api.get(page.of);
        const { code } = await api.post<{ code: string }>('/session/codes', undefined);
        // Printed and not handed to a browser: a code in the arguments of a program is everybody's to read.
        cli.print(`${api.url}${pagePath.signIn(page?.path)}#code=${code}`);
        cli.printError('It signs one browser in as you, once and within 10 minutes.');
        return 0;
      }),
    );
  withExamples(command, ['open', 'open shop', 'open 17', 'open job 01JZ6Y3W9T5E8R2Q4M7N0P1S2V', 'open project 2026']);
};

function pageOf(thing: string | undefined, id: string | undefined) {
  if (thing === undefined) return undefined;
  if (id === undefined) {
    if (isPage(thing)) throw new AppError('invalid', `Say which ${thing}: crafting-table open ${thing} ID.`);
    return pages[kindOf(thing)](thing);
  }
  if (isPage(thing)) return pages[thing](id);
  throw new AppError(
    'invalid',
    `There is no page of ${JSON.stringify(thing)}: expected ${Object.keys(pages).join(', ')}.`,
  );
}

/** What an id belongs to, by its form. */
function kindOf(id: string): keyof typeof pages {
  if (/^\d+$/.test(id)) return 'finding';
  if (/^\d+-\d+$/.test(id)) return 'patch';
  if (/^\d{4}-\d{2}-\d{2}$/.test(id)) return 'digest';
  return /^[0-9a-hjkmnp-tv-z]{26}$/i.test(id) ? 'job' : 'project';
}
