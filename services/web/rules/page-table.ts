/** A page: the addresses that show it, the file that draws it, and what its tab is called. */
export type Page = {
  readonly path: string;
  readonly module: string;
  readonly title: string;
  /** Words that its address takes after the question mark, beside the moment `at`. */
  readonly takes?: readonly string[];
};

/** What jobs are narrowed by, in the words of the API. */
export const jobFilters = ['project', 'status', 'recipe', 'branch', 'subproject', 'reason', 'since', 'until'] as const;

/** What findings are narrowed by and how they are ordered, in the words of the API. */
export const findingFilters = [
  ...['state', 'severity', 'kind', 'tool', 'rule', 'project', 'subproject', 'recipe', 'path', 'assignee', 'owner', 'q'],
  ...['since', 'new_since', 'older_than', 'younger_than', 'patchable', 'new', 'overdue', 'batch', 'sort'],
] as const;

/** What usage is narrowed by, in the words of the API. */
export const usageFilters = [
  ...['project', 'agent', 'owner', 'provider', 'model', 'bottle', 'finding', 'from', 'to'],
] as const;

/** Every page. The addresses are those of the API, so that one link serves a browser and a program. */
export const pages: readonly Page[] = [
  { path: '/', module: 'overview/overview-page.ts', title: 'Overview' },
  { path: '/admin', module: 'admin/admin-page.ts', title: 'Admin', takes: ['tab', 'by'] },
  { path: '/bottles', module: 'bottles/bottles-page.ts', title: 'Bottles', takes: ['tab', 'project', 'status'] },
  { path: '/bottles/:id', module: 'bottles/bottle-page.ts', title: 'Bottle', takes: ['tab'] },
  { path: '/diff', module: 'compare/compare-page.ts', title: 'Compare', takes: ['from', 'to', 'project', 'entity'] },
  { path: '/digests', module: 'digests/digests-page.ts', title: 'Digests' },
  { path: '/digests/:date', module: 'digests/digest-page.ts', title: 'Digest' },
  { path: '/events', module: 'events/events-page.ts', title: 'Events', takes: ['from', 'entity', 'project', 'text'] },
  { path: '/findings', module: 'findings/findings-page.ts', title: 'Findings', takes: findingFilters },
  { path: '/findings/:id', module: 'findings/finding-page.ts', title: 'Finding' },
  { path: '/fleet', module: 'fleet/fleet-page.ts', title: 'Fleet' },
  { path: '/jobs', module: 'jobs/jobs-page.ts', title: 'Jobs', takes: jobFilters },
  { path: '/jobs/:id', module: 'jobs/job-page.ts', title: 'Job', takes: ['tab'] },
  { path: '/patches', module: 'patches/patches-page.ts', title: 'Patches', takes: ['tab', 'project', 'status'] },
  { path: '/patches/:id', module: 'patches/patch-page.ts', title: 'Patch', takes: ['tab'] },
  { path: '/projects', module: 'projects/projects-page.ts', title: 'Projects' },
  { path: '/projects/:name', module: 'projects/project-page.ts', title: 'Project', takes: ['tab', 'days'] },
  { path: '/schedules', module: 'schedules/schedules-page.ts', title: 'Schedules', takes: ['project'] },
  { path: '/sign-in', module: 'sign-in/sign-in-page.ts', title: 'Sign in', takes: ['next'] },
  {
    path: '/usage',
    module: 'usage/usage-page.ts',
    title: 'Usage and budgets',
    takes: ['tab', 'by', 'level', ...usageFilters],
  },
  { path: '/work', module: 'work/works-page.ts', title: 'Work from issues', takes: ['tab', 'project'] },
  { path: '/work/:id', module: 'work/work-page.ts', title: 'Work on an issue', takes: ['tab'] },
];

export type Found = { readonly page: Page; readonly params: Readonly<Record<string, string>> };

/** The page of an address without its query; null where there is none. */
export function pageAt(pathname: string): Found | null {
  const asked = pathname.length > 1 ? pathname.replace(/\/+$/, '') : pathname;
  for (const page of pages) {
    const params = paramsOf(page.path, asked);
    if (params) return { page, params };
  }
  return null;
}

/** Words of an address after its question mark that its page does not take, and would pass over without a word. */
export function strangeWords({ takes = [] }: Page, given: Iterable<string>): string[] {
  return [...new Set(given)].filter((name) => name !== 'at' && !takes.includes(name));
}

function paramsOf(pattern: string, pathname: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split('/'), pathname.split('/')];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const word = given[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== word) return null;
    } else if (word === '') return null;
    else params[part.slice(1)] = decoded(word);
  }
  return params;
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
