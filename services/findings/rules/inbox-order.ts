/** What needs a person, the most urgent first: what stops the farm, what endangers, what broke, what waits for a word. */
export const inboxKinds = [
  'consumer',
  'runner',
  'critical',
  'build',
  'high',
  'test',
  'digest',
  'schedule',
  'overdue',
  'recipes',
  'patch',
  'recipe',
  'finding',
  'waiting',
  'forge',
] as const;
export type InboxKind = (typeof inboxKinds)[number];

export type InboxItem = {
  readonly kind: InboxKind;
  readonly severity: string | null;
  readonly project: string | null;
  /** What it is. */
  readonly title: string;
  /** Why it needs a person, and what to do. */
  readonly reason: string;
  /** Since when, ISO 8601; null where nobody knows. */
  readonly since: string | null;
  readonly entity: 'finding' | 'job' | 'patch' | 'project' | 'digest' | null;
  readonly id: string | null;
  /** How many it stands for. */
  readonly count: number;
};

/** The worst first; of one kind the newest first. */
export function inboxOrder(items: readonly InboxItem[]): InboxItem[] {
  const rank = ({ kind }: InboxItem) => inboxKinds.indexOf(kind);
  return [...items].sort((a, b) => rank(a) - rank(b) || ((a.since ?? '') < (b.since ?? '') ? 1 : -1));
}
