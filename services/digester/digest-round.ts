import type { DigestDueDoc } from '../../projections/digests/digest-rows.ts';
import { appendOnce } from '../io/event-log.ts';
import { type Recipient, recipientsOf } from '../io/mail/recipients.ts';
import { type DeliveryDeps, deliver, type OneMail } from './deliver-digest.ts';
import type { DigesterDeps } from './digester-deps.ts';
import type { DueDate } from './rules/digest-dates.ts';
import { batchOf, mailsByRecipient, sectionOfDue } from './rules/digest-mails.ts';
import type { Section } from './rules/digest-section.ts';
import { everyProject, isSettled, missingDues, toldProjects } from './rules/due-digests.ts';

export type RoundDeps = DeliveryDeps &
  Pick<DigesterDeps, 'config' | 'models' | 'vault' | 'box'> & {
    /** Sections that were made already, by `<date>.<project>`: while a relay is away they are asked for again and again. */
    readonly sections: Map<string, Section>;
  };

/** Mails handed over at once. */
const atOnce = 4;

/**
 * Brings the digest of a date as far as it can be brought now. Answers whether all of it is over. The first thing is that every
 * project has its DigestDue: only then it is known what one mail has to tell one recipient.
 */
export async function runDigest(due: DueDate, deps: RoundDeps, isStopping: () => boolean): Promise<boolean> {
  if (!(await announce(due, deps))) return false;
  const told: { section: Section; recipients: Recipient[]; due: DigestDueDoc }[] = [];
  const { digests } = deps.models.query();
  const mails = digests.mails(due.date);
  for (const one of digests.due(due.date).filter(({ skipped }) => skipped === null)) {
    const found = deps.models.query().projects.find(one.project);
    const project = found && toldProjects([found])[0];
    const changed = project && Date.parse(project.updated_at) > Date.parse(one.time);
    // Who was added after it had been sent waits for the next one.
    if (changed && isSettled(one, mails)) continue;
    const section = sectionFor(one, deps);
    const recipients = project ? await recipientsOf(project, deps) : [];
    if (recipients.length > 0 && section.fires) told.push({ section, recipients, due: one });
    else if (!isSettled(one, mails) && !mails.some(({ projects }) => projects.includes(one.project)))
      await skip(one, section.removed || !project ? 'the project is not there any more' : 'nothing to say', deps);
  }
  const earlier = (recipient: string) =>
    mails.filter((one) => one.recipient === recipient).sort((a, b) => (a.first_at < b.first_at ? -1 : 1));
  const batch = (project: string, recipient: string) => batchOf(project, earlier(recipient));
  const waiting = mailsByRecipient(due.date, told, batch).map(({ to, batch: number, content }): OneMail => {
    const names = content.sections.map(({ project }) => project);
    const dues = told.filter((one) => names.includes(one.due.project)).map((one) => one.due);
    const window = {
      from_seq: Math.min(...dues.map(({ from_seq }) => from_seq)),
      to_seq: Math.max(...dues.map(({ to_seq }) => to_seq)),
    };
    return { due, to, batch: number, content, window };
  });
  const ends = await oneByOne(waiting, (mail) => (isStopping() ? 'waiting' : deliver(mail, deps)));
  return ends.every((end) => end === 'over');
}

function sectionFor(due: DigestDueDoc, { sections, models, config }: RoundDeps): Section {
  const key = `${due.date}.${due.project}`;
  const section = sections.get(key) ?? sectionOfDue(due, models.query().digests, config.digestTimezone);
  sections.set(key, section);
  return section;
}

/** Appends what is missing; false when it cannot be seen yet, or somebody else is at it in this moment. */
async function announce(due: DueDate, deps: RoundDeps): Promise<boolean> {
  const { models, log } = deps;
  // A read model that lags behind would leave projects out.
  if (!(await models.applied(await log.end()))) return false;
  const missing = () => missingDues(due, everyProject(models.query().projects), models.seq(), models.query().digests);
  for (const draft of missing()) await appendOnce(deps.log, draft, { expect: 0 });
  await models.applied(await log.end());
  return missing().length === 0;
}

async function skip({ date, project }: DigestDueDoc, reason: string, deps: RoundDeps): Promise<void> {
  const data = { date, project, reason };
  await appendOnce(deps.log, { type: 'DigestSkipped', id: `${date}.${project}`, data }, { expect: 0 });
}

async function oneByOne<T, R>(items: readonly T[], work: (item: T) => Promise<R> | R): Promise<R[]> {
  const results: R[] = [];
  const rest = [...items];
  const lane = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
