type Asking = { readonly patch?: { readonly approval?: { readonly hours?: number } } };

/** Hours in which a person has to answer, unless the project says otherwise. */
export const usualApprovalHours = 72;

/** Whether a document asks less of people than the one before: no approval of patches any more, or more time for it. */
export function asksLess(before: Asking, after: Asking): boolean {
  const was = before.patch?.approval;
  const is = after.patch?.approval;
  if (!was) return false;
  return !is || (is.hours ?? usualApprovalHours) > (was.hours ?? usualApprovalHours);
}
