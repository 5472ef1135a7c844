import { AppError } from '../../../floor/app-error.ts';
import { fieldOf } from '../read-pull.ts';
import type { Said, TalkComment, TalkIssue } from './talk.ts';

const longestText = 65_536;
const mostComments = 1_000;

/** Something as a forge prints it, before anything in it is believed. */
type Printed<T> = { readonly [Field in keyof T]: unknown };

/** Reads an issue. Throws AppError('unavailable') for what is none. */
export function readIssue(printed: Printed<TalkIssue>): TalkIssue {
  const { number, place, state } = printed;
  if (!isNumber(number) || (place !== 'issue' && place !== 'pull'))
    throw new AppError('unavailable', 'The forge answered something that is no issue.');
  return {
    number,
    place,
    title: textOf(printed.title).slice(0, 1024),
    body: textOf(printed.body),
    state: state === 'merged' || state === 'closed' ? state : 'open',
    author: textOf(printed.author).slice(0, 255),
    url: addressOf(printed.url),
    labels: namesOf(printed.labels),
    assignees: namesOf(printed.assignees),
    updatedAt: timeOf(printed.updatedAt),
  };
}

/** Reads a comment; null for what is none, or of which nobody knows whose it is. */
export function readComment(printed: Printed<TalkComment>): TalkComment | null {
  const { id, kind, thread, line } = printed;
  const author = textOf(printed.author).slice(0, 255);
  const isKind = kind === 'issue' || kind === 'pull' || kind === 'review' || kind === 'summary';
  if (!isNumber(id) || !isKind || author === '') return null;
  return {
    kind,
    id,
    thread: typeof thread === 'string' && thread !== '' ? thread.slice(0, 1200) : null,
    author,
    body: textOf(printed.body),
    createdAt: timeOf(printed.createdAt),
    url: addressOf(printed.url),
    path: typeof printed.path === 'string' && printed.path !== '' ? printed.path.slice(0, 1024) : null,
    line: typeof line === 'number' && Number.isSafeInteger(line) && line > 0 ? line : null,
  };
}

/** A comment as GitHub and Gitea print it, but for its place. */
export function commentOf(data: unknown, kind: TalkComment['kind']): TalkComment | null {
  return readComment({
    kind,
    id: fieldOf(data, 'id'),
    thread: null,
    author: nameAt(data, 'user', 'login'),
    body: fieldOf(data, 'body'),
    createdAt: fieldOf(data, 'created_at'),
    url: fieldOf(data, 'html_url'),
    path: null,
    line: null,
  });
}

/** In the order in which they were said, the last thousand. */
export function inOrder(comments: readonly (TalkComment | null)[]): TalkComment[] {
  return comments
    .filter((one) => one !== null)
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id - b.id)
    .slice(-mostComments);
}

/** What a forge answers to what was said. Throws AppError('unavailable'). */
export function readSaid(data: unknown, url = fieldOf(data, 'html_url')): Said {
  const id = fieldOf(data, 'id');
  if (!isNumber(id)) throw new AppError('unavailable', 'The forge answered something that is no comment.');
  return { id, url: addressOf(url) };
}

/** A name below a field, such as the `login` of `user`. */
export function nameAt(data: unknown, field: string, name: string): string {
  return textOf(fieldOf(fieldOf(data, field), name));
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, longestText).toWellFormed() : '';
}

function namesOf(value: unknown): string[] {
  const all = Array.isArray(value) ? value : [];
  return all.filter((one): one is string => typeof one === 'string' && one !== '').slice(0, 100);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function timeOf(value: unknown): string {
  const ms = Date.parse(textOf(value));
  return new Date(Number.isNaN(ms) ? 0 : ms).toISOString();
}

function addressOf(value: unknown): string {
  const text = textOf(value);
  return text.length <= 2048 && ['http:', 'https:'].includes(URL.parse(text)?.protocol ?? '') ? text : '';
}
