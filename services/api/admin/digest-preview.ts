import type { DueDate } from '../../digester/rules/digest-dates.ts';
import { mailsByRecipient, rendered, sectionOfSpan } from '../../digester/rules/digest-mails.ts';
import { everyProject, missingDues, toldProjects } from '../../digester/rules/due-digests.ts';
import { recipientsOf } from '../../io/mail/recipients.ts';
import type { ApiDeps } from '../define.ts';

const dayMs = 86_400_000;
/** The last one that there is: no project changed later. */
const lastMoment = 8_640_000_000_000_000;

/** What would be sent if the digest of a date were due at that moment, and of which projects there is nothing to say. */
export async function previewOf(due: DueDate, toSeq: number, deps: ApiDeps) {
  const { models, config } = deps;
  const { digests } = models.query();
  const told = toldProjects(everyProject(models.query().projects));
  const spans = missingDues({ ...due, dueMs: lastMoment }, told, toSeq, digests);
  const from_time = new Date(due.dueMs - dayMs).toISOString();
  const times = { from_time, to_time: new Date(due.dueMs).toISOString() };
  const projects = await Promise.all(
    told.flatMap((project) => {
      const draft = spans.find(({ data }) => data.project === project.name);
      if (!draft) return [];
      const last = digests.lastDue(project.name);
      // A date of the past had its own day, whatever was sent since.
      const from_seq = last && last.to_seq <= toSeq ? last.to_seq : digests.seqBefore(from_time);
      const span = { ...draft.data, from_seq: Math.min(from_seq, toSeq), to_seq: toSeq, ...times };
      const section = sectionOfSpan(span, digests, config.digestTimezone);
      return [recipientsOf(project, deps).then((recipients) => ({ project: project.name, section, recipients }))];
    }),
  );
  const firing = projects.filter(({ section }) => section.fires);
  return {
    mails: mailsByRecipient(due.date, firing).map(({ to, content }) => ({
      recipient: to.recipient,
      recipient_count: 1,
      projects: content.sections.map(({ project }) => project),
      ...rendered(content, config.publicUrl, config.digestTimezone),
    })),
    skipped: projects
      .filter(({ section }) => !section.fires)
      .map(({ project }) => ({ project, reason: 'nothing to say' })),
  };
}
