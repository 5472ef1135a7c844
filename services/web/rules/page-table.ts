/** A page: the addresses that show it, the file that draws it, and what its tab is called. */
export type Page = {
  readonly path: string;
  readonly module: string;
  readonly title: string;
};

/** Every page. The addresses are those of the API, so that one link serves a browser and a program. */
export const pages: readonly Page[] = [
  { path: '/', module: 'overview/overview-page.ts', title: 'Overview' },
  { path: '/admin', module: 'admin/admin-page.ts', title: 'Admin' },
  { path: '/bottles', module: 'bottles/bottles-page.ts', title: 'Bottles' },
  { path: '/bottles/:id', module: 'bottles/bottle-page.ts', title: 'Bottle' },
  { path: '/diff', module: 'compare/compare-page.ts', title: 'Compare' },
  { path: '/digests', module: 'digests/digests-page.ts', title: 'Digests' },
  { path: '/digests/:date', module: 'digests/digest-page.ts', title: 'Digest' },
  { path: '/events', module: 'events/events-page.ts', title: 'Events' },
  { path: '/findings', module: 'findings/findings-page.ts', title: 'Findings' },
  { path: '/findings/:id', module: 'findings/finding-page.ts', title: 'Finding' },
  { path: '/fleet', module: 'fleet/fleet-page.ts', title: 'Fleet' },
  { path: '/jobs', module: 'jobs/jobs-page.ts', title: 'Jobs' },
  { path: '/jobs/:id', module: 'jobs/job-page.ts', title: 'Job' },
  { path: '/patches', module: 'patches/patches-page.ts', title: 'Patches' },
  { path: '/patches/:id', module: 'patches/patch-page.ts', title: 'Patch' },
  { path: '/projects', module: 'projects/projects-page.ts', title: 'Projects' },
  { path: '/projects/:name', module: 'projects/project-page.ts', title: 'Project' },
  { path: '/schedules', module: 'schedules/schedules-page.ts', title: 'Schedules' },
  { path: '/sign-in', module: 'sign-in/sign-in-page.ts', title: 'Sign in' },
  { path: '/usage', module: 'usage/usage-page.ts', title: 'Usage and budgets' },
  { path: '/work', module: 'work/works-page.ts', title: 'Work from issues' },
  { path: '/work/:id', module: 'work/work-page.ts', title: 'Work on an issue' },
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
