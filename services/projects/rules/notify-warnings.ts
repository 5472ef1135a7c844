import type { ProjectDocument } from '../../../events/projects/project.ts';
import type { Warning } from './command-warnings.ts';

/** What a project says to nobody: runs by itself of which nobody is told, and mails that this farm does not send. */
export function notifyWarnings(
  { schedule, notify, enabled }: Pick<ProjectDocument, 'schedule' | 'notify' | 'enabled'>,
  { sendsMail }: { readonly sendsMail: boolean },
): Warning[] {
  const { build, test, lint, audit, on_push = [] } = schedule;
  const runsAlone = enabled && (on_push.length > 0 || [build, test, lint, audit].some((when) => when !== undefined));
  const { email_count, webhooks = [], commit_status = false } = notify;
  if (email_count > 0 && !sendsMail)
    return [{ path: '/notify/email', message: 'this farm sends no mail: CRAFTING_SMTP_HOST is not set' }];
  if (!runsAlone || email_count > 0 || webhooks.length > 0 || commit_status) return [];
  const message = 'nobody is told of what its runs find: give notify.email, notify.webhooks or notify.commit_status';
  return [{ path: '/notify', message }];
}
