/**
 * Where the pages of people are: the same readable paths as in the API, under `/ui`. Everything that prints a link asks here.
 * All paths are without the base path of a proxy; `pageUrl` puts a whole address together.
 */
export const pagesRoot = '/ui';

const seg = encodeURIComponent;

/** The path of each page. */
export const pagePath = {
  overview: () => `${pagesRoot}/`,
  signIn: (next?: string) => `${pagesRoot}/sign-in${next ? `?next=${seg(next)}` : ''}`,
  projects: () => `${pagesRoot}/projects`,
  project: (name: string) => `${pagesRoot}/projects/${seg(name)}`,
  jobs: () => `${pagesRoot}/jobs`,
  job: (id: string) => `${pagesRoot}/jobs/${seg(id)}`,
  findings: () => `${pagesRoot}/findings`,
  finding: (id: string | number) => `${pagesRoot}/findings/${seg(String(id))}`,
  patches: () => `${pagesRoot}/patches`,
  patch: (id: string) => `${pagesRoot}/patches/${seg(id)}`,
  digest: (date: string, project?: string) =>
    `${pagesRoot}/digests/${seg(date)}${project === undefined ? '' : `?project=${seg(project)}`}`,
  digests: () => `${pagesRoot}/digests`,
  events: () => `${pagesRoot}/events`,
  fleet: () => `${pagesRoot}/fleet`,
  schedules: () => `${pagesRoot}/schedules`,
  bottles: () => `${pagesRoot}/bottles`,
  bottle: (id: string) => `${pagesRoot}/bottles/${seg(id)}`,
  work: (id: string) => `${pagesRoot}/work/${seg(id)}`,
  usage: () => `${pagesRoot}/usage`,
  admin: () => `${pagesRoot}/admin`,
} as const;

/** API addresses of things that have a page, without their leading `/`; each part in braces is one segment. */
const withPage: readonly RegExp[] = [
  /^\/(?:projects|jobs|findings|patches|bottles|work)\/[^/]+$/,
  /^\/(?:projects|jobs|findings|patches|schedules|events|bottles|work|usage)$/,
  /^\/digests\/[^/]+$/,
];

/**
 * The page of what stands at an API address (path and query), or null where there is none. The query goes along: pages
 * take the same filters as the API.
 */
export function pageOfApi(url: string): string | null {
  const [path = '', ...query] = url.split('?');
  if (path === '/') return pagePath.overview();
  const page = withPage.some((pattern) => pattern.test(path)) ? `${pagesRoot}${path}` : null;
  return page && query.length > 0 ? `${page}?${query.join('?')}` : page;
}

/** A whole address. `base`: what people reach the service by, with the path of a proxy; null gives null. */
export function pageUrl(base: string | null, path: string): string | null {
  return base === null ? null : `${base.replace(/\/+$/, '')}${path}`;
}
