import { AppError } from '../../floor/app-error.ts';
import type { PullRequest, PullRequestText, RecentPulls } from './forge.ts';

/** A pull request as a forge prints it, before anything in it is believed. */
type PrintedPull = { readonly [Field in keyof PullRequest]: unknown };

const longestTitle = 255;
const longestBody = 60_000;
const commit = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** Reads what a forge printed. `fallbackUrl` stands for an address that is none. Throws AppError('unavailable'). */
export function readPull(printed: PrintedPull, fallbackUrl: (number: number) => string): PullRequest {
  const { number, state, head, base, mergeable, comments } = printed;
  const isNumber = typeof number === 'number' && Number.isSafeInteger(number) && number > 0;
  const isState = state === 'open' || state === 'merged' || state === 'closed';
  if (!isNumber || !isState || !isBranch(head) || !isBranch(base))
    throw new AppError('unavailable', 'The forge answered something that is no pull request.');
  return {
    number,
    url: addressOf(printed.url) ?? fallbackUrl(number),
    title: typeof printed.title === 'string' ? printed.title.slice(0, longestTitle) : '',
    state,
    head,
    headSha: commitOf(printed.headSha),
    base,
    mergeCommit: commitOf(printed.mergeCommit),
    mergeable: typeof mergeable === 'boolean' ? mergeable : null,
    comments: typeof comments === 'number' && Number.isSafeInteger(comments) && comments > 0 ? comments : 0,
  };
}

/** Of a list as Gitea and GitHub print it: what tells whether one of them has changed. */
export function marksOf(data: unknown): Pick<RecentPulls, 'marks' | 'more'> {
  const pulls = Array.isArray(data) ? data : [];
  const marks = new Map<number, string>();
  for (const one of pulls) {
    const number = fieldOf(one, 'number');
    const tips = [fieldOf(fieldOf(one, 'head'), 'sha'), fieldOf(fieldOf(one, 'base'), 'sha')];
    if (typeof number === 'number')
      marks.set(number, JSON.stringify([fieldOf(one, 'updated_at'), fieldOf(one, 'state'), ...tips]));
  }
  return { marks, more: pulls.length > 0 };
}

/** Users and teams apart, as Gitea and GitHub want them. */
export function reviewersOf(names: readonly string[]): { reviewers: string[]; team_reviewers: string[] } {
  const teams = names.filter((name) => name.includes('/'));
  return {
    reviewers: names.filter((name) => !name.includes('/')),
    team_reviewers: teams.map((name) => name.slice(name.lastIndexOf('/') + 1)),
  };
}

/** What forges take at most: a title of 255 characters on one line, a body of 60,000. */
export function fitText({ title, body }: PullRequestText): PullRequestText {
  return { title: cut(title.replace(/\s+/g, ' '), longestTitle), body: fitBody(body) };
}

export function fitBody(body: string): string {
  return cut(body, longestBody);
}

/** A field of something that may be no object at all. */
export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function isBranch(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 255;
}

function commitOf(value: unknown): string | null {
  return typeof value === 'string' && commit.test(value) ? value : null;
}

function addressOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 2048) return undefined;
  return ['http:', 'https:'].includes(URL.parse(value)?.protocol ?? '') ? value : undefined;
}
