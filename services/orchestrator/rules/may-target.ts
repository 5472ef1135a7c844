/** What a forge itself recorded about an issue with a label that asks for an agent. Login names in any case. */
type TargetFacts = {
  readonly organisation: string;
  readonly author: string;
  /** Who put the label; null where the forge does not say. */
  readonly labelledBy: string | null;
  readonly assignees: readonly string[];
  /** By whom somebody was assigned, in lower case -> login; missing where the forge does not say. */
  readonly assignedBy: ReadonlyMap<string, string>;
  /** Members of the organisation who may have agents work here, in lower case. */
  readonly allowed: ReadonlySet<string>;
};

type Verdict =
  | { readonly may: true; readonly by: string; readonly because: string }
  | { readonly may: false; readonly why: string };

/** Everybody whose membership decides. */
export function concerned({ author, labelledBy, assignees, assignedBy }: Omit<TargetFacts, 'allowed'>): string[] {
  const all = [author, labelledBy, ...assignees, ...assignedBy.values()];
  return [...new Set(all.flatMap((login) => (login ? [login.toLowerCase()] : [])))].slice(0, 50);
}

/**
 * Whether a labelled issue may start an agent: a member put the label, or it is assigned to or by one. A form or a quick action lets
 * strangers label and assign what they open: neither counts then.
 */
export function mayTarget(facts: TargetFacts): Verdict {
  const { organisation, author, labelledBy, assignees, assignedBy, allowed } = facts;
  const isAllowed = (login: string | null | undefined) => typeof login === 'string' && allowed.has(login.toLowerCase());
  const isAuthor = (login: string | null | undefined) => login?.toLowerCase() === author.toLowerCase();
  const yes = (by: string, because: string): Verdict => ({ may: true, by, because });
  if (labelledBy !== null && isAllowed(labelledBy))
    return yes(labelledBy, `${labelledBy} is a member of ${organisation} and put the label there`);
  const isStranger = !isAllowed(author);
  if (isStranger && isAuthor(labelledBy))
    return { may: false, why: `the label came with the issue of ${author}, who is no member of ${organisation}` };
  for (const assignee of assignees) {
    const by = assignedBy.get(assignee.toLowerCase());
    if (isAllowed(by) && by !== undefined) return yes(by, `${by} is a member of ${organisation} and assigned it`);
    if (isStranger && isAuthor(by)) continue;
    if (isAllowed(assignee)) return yes(assignee, `it is assigned to ${assignee}, a member of ${organisation}`);
  }
  return { may: false, why: `neither was it labelled by, nor is it assigned to or by a member of ${organisation}` };
}
