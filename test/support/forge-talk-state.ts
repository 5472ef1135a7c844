/** An issue as the stand-in of a forge keeps it, with who put labels and whom somebody assigned. */
export type StoredIssue = {
  readonly repository: string;
  readonly number: number;
  readonly author: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
  labels: string[];
  assignees: string[];
  marks: { readonly what: 'label' | 'assignee'; readonly name: string; readonly by: string; readonly added: boolean }[];
  updated: string;
};

export type StoredComment = {
  readonly id: number;
  readonly repository: string;
  readonly place: 'issue' | 'pull';
  readonly number: number;
  readonly author: string;
  body: string;
  /** How often it was edited. */
  edits: number;
  readonly created: string;
  /** Of a line: the review that it came with, and the comment that it answers. */
  readonly review: number | null;
  readonly path: string | null;
  readonly line: number | null;
  readonly replyTo: number | null;
};

export type StoredReview = {
  readonly id: number;
  readonly repository: string;
  readonly number: number;
  readonly author: string;
  readonly state: 'APPROVED' | 'COMMENT' | 'REQUEST_CHANGES';
  readonly body: string;
  readonly created: string;
};

export type NewReview = {
  readonly author: string;
  readonly state?: StoredReview['state'];
  readonly body?: string;
  readonly lines?: readonly { readonly path: string; readonly line: number; readonly body: string; replyTo?: number }[];
};

export type ForgeTalkState = ReturnType<typeof forgeTalkState>;

/** Under which the farm speaks. */
export const farmLogin = 'crafting-table';

/** What people say on a forge, and who belongs to its organisations. */
export function forgeTalkState() {
  const issues: StoredIssue[] = [];
  const comments: StoredComment[] = [];
  const reviews: StoredReview[] = [];
  const members = new Map<string, Set<string>>();
  let ids = 100;
  let last = 0;
  /** Two things never happen at once: lists are ordered by it. */
  const now = (): string => {
    last = Math.max(Date.now(), last + 1);
    return new Date(last).toISOString();
  };
  const find = (repository: string, number: number) =>
    issues.find((one) => one.repository === repository && one.number === number);
  const touch = (issue: StoredIssue | undefined): void => {
    if (issue) issue.updated = now();
  };
  const say = (
    facts: Pick<StoredComment, 'repository' | 'place' | 'number' | 'author' | 'body'>,
    more: Partial<StoredComment> = {},
  ) => {
    ids += 1;
    const comment = {
      id: ids,
      edits: 0,
      created: now(),
      review: null,
      path: null,
      line: null,
      replyTo: null,
      ...facts,
      ...more,
    };
    comments.push(comment);
    touch(find(facts.repository, facts.number));
    return comment;
  };
  return {
    issues,
    comments,
    reviews,
    members,
    find,
    touch,
    say,
    ofThread: (repository: string, place: 'issue' | 'pull', number: number) =>
      comments.filter(
        (one) => one.repository === repository && one.place === place && one.number === number && one.path === null,
      ),
    linesOf: (repository: string, number: number) =>
      comments.filter((one) => one.repository === repository && one.number === number && one.path !== null),
    review: (repository: string, number: number, { author, state = 'COMMENT', body = '', lines = [] }: NewReview) => {
      ids += 1;
      const review: StoredReview = { id: ids, repository, number, author, state, body, created: now() };
      reviews.push(review);
      const said = lines.map(({ path, line, body: words, replyTo = null }) =>
        say({ repository, place: 'pull', number, author, body: words }, { review: review.id, path, line, replyTo }),
      );
      return { review, lines: said };
    },
    open: (number: number, facts: Pick<StoredIssue, 'repository' | 'title' | 'body' | 'author'>): StoredIssue => {
      const issue: StoredIssue = {
        ...facts,
        number,
        state: 'open',
        labels: [],
        assignees: [],
        marks: [],
        updated: now(),
      };
      issues.push(issue);
      return issue;
    },
    label: (issue: StoredIssue, name: string, by: string, added = true): void => {
      issue.labels = added ? [...new Set([...issue.labels, name])] : issue.labels.filter((one) => one !== name);
      issue.marks.push({ what: 'label', name, by, added });
      touch(issue);
    },
    assign: (issue: StoredIssue, name: string, by: string, added = true): void => {
      issue.assignees = added
        ? [...new Set([...issue.assignees, name])]
        : issue.assignees.filter((one) => one !== name);
      issue.marks.push({ what: 'assignee', name, by, added });
      touch(issue);
    },
    isMember: (organisation: string, login: string): boolean =>
      members.get(organisation.toLowerCase())?.has(login.toLowerCase()) ?? false,
    join: (organisation: string, ...logins: string[]): void => {
      const known = members.get(organisation.toLowerCase()) ?? new Set<string>();
      for (const login of logins) known.add(login.toLowerCase());
      members.set(organisation.toLowerCase(), known);
    },
    /** What `Closes #7` of a merged pull request closes. */
    closeFor: (repository: string, words: string): void => {
      for (const [, number] of words.matchAll(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? #(\d+)/gi)) {
        const issue = find(repository, Number(number));
        if (issue) Object.assign(issue, { state: 'closed', updated: now() });
      }
    },
  };
}
