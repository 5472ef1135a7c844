import type { DigestQueries } from '../../../projections/digests/digest-queries.ts';
import type { DigestDueDoc, DigestMailDoc } from '../../../projections/digests/digest-rows.ts';
import { type DigestContent, digestOf } from './digest-content.ts';
import { type DigestSpan, factsOf, spanOf } from './digest-facts.ts';
import { renderHtml } from './digest-html.ts';
import { type Section, sectionOf } from './digest-section.ts';
import { renderText } from './digest-text.ts';

/** A mail in both of its forms. */
type RenderedMail = { readonly subject: string; readonly text: string; readonly html: string };

/** `publicUrl` is where people reach the farm; without it lines lead nowhere. */
export function rendered(
  content: DigestContent,
  publicUrl: string | null = null,
  timezone: string | null = null,
): RenderedMail {
  const sections = publicUrl === null ? content.sections : content.sections.map(linkedTo(publicUrl));
  const linked = { ...content, sections, timezone };
  return { subject: content.subject, text: renderText(linked), html: renderHtml(linked) };
}

const linkedTo =
  (publicUrl: string) =>
  (section: Section): Section => ({
    ...section,
    blocks: section.blocks.map((block) => ({
      ...block,
      lines: block.lines.map(({ path, ...line }) => ({
        ...line,
        url: line.url ?? (path === undefined ? null : `${publicUrl}${path}`),
      })),
    })),
  });

/** The section of a digest that is due, as the log has it: the same whenever it is made. */
export function sectionOfDue(due: DigestDueDoc, digests: DigestQueries, usualZone: string): Section {
  return sectionOf(factsOf(spanOf(due, digests), digests, usualZone));
}

/** The section that a span would give. */
export function sectionOfSpan(span: DigestSpan, digests: DigestQueries, usualZone: string): Section {
  return sectionOf(factsOf(span, digests, usualZone));
}

/** A recorded mail about these projects of a date, made once more. */
export function contentAgain(
  date: string,
  projects: readonly string[],
  digests: DigestQueries,
  usualZone: string,
): DigestContent {
  const dues = digests.due(date).filter(({ project }) => projects.includes(project));
  return digestOf(
    date,
    dues.map((due) => sectionOfDue(due, digests, usualZone)),
  );
}

/** A mail that was handed over, or is about to be, as far as it matters for the next one. */
type Earlier = Pick<DigestMailDoc, 'recipient' | 'projects' | 'status' | 'permanent'>;

/**
 * Which mail of a date tells a recipient of a project: 0 for the first one. What became due after a mail was sent is told by
 * the next one; `earlier` are those of that recipient, oldest first.
 */
export function batchOf(project: string, earlier: readonly Earlier[]): number {
  const told = earlier.findIndex(({ projects }) => projects.includes(project));
  if (told >= 0) return told;
  const last = earlier.at(-1);
  const isOver = last !== undefined && (last.status === 'sent' || last.permanent);
  return isOver ? earlier.length : Math.max(0, earlier.length - 1);
}

type Addressed<Who> = { readonly section: Section; readonly recipients: readonly Who[] };

/** One mail for each recipient, with a section for every project that they are told of, in alphabetical order. */
export function mailsByRecipient<Who extends { readonly recipient: string }>(
  date: string,
  projects: readonly Addressed<Who>[],
  batch: (project: string, recipient: string) => number = () => 0,
): { readonly to: Who; readonly batch: number; readonly content: DigestContent }[] {
  const byRecipient = new Map<string, { to: Who; batch: number; sections: Section[] }>();
  for (const { section, recipients } of projects) {
    for (const to of recipients) {
      const number = batch(section.project, to.recipient);
      const key = `${to.recipient} ${number}`;
      const mail = byRecipient.get(key) ?? { to, batch: number, sections: [] };
      mail.sections.push(section);
      byRecipient.set(key, mail);
    }
  }
  const nameIn = ({ project, called = project }: Section) => called;
  const byName = (a: Section, b: Section) => (nameIn(a) < nameIn(b) ? -1 : 1);
  return [...byRecipient.values()]
    .sort((a, b) => a.batch - b.batch || (a.to.recipient < b.to.recipient ? -1 : 1))
    .map(({ to, batch: number, sections }) => ({
      to,
      batch: number,
      content: digestOf(date, sections.sort(byName)),
    }));
}
