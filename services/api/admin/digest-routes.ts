import { Type } from '@sinclair/typebox';
import { closed, nullable } from '../../../events/fields.ts';
import { dateAt, dueMsOf } from '../../digester/rules/digest-dates.ts';
import { contentAgain, rendered } from '../../digester/rules/digest-mails.ts';
import { everyProject, isSettled, missingDues } from '../../digester/rules/due-digests.ts';
import { AppError } from '../../floor/app-error.ts';
import { appendOnce } from '../../io/event-log.ts';
import { cursorOf, textIn } from '../answers/cursor.ts';
import { callerOf, mustBeAdmin } from '../authenticate.ts';
import { type ApiDeps, NextCursor, pageQuery, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';
import { previewOf } from './digest-preview.ts';

const Mail = Type.Object({
  recipient: Type.String({ description: 'a keyed hash of the address' }),
  recipient_count: Type.Integer(),
  projects: Type.Array(Type.String()),
  subject: Type.String(),
  text: Type.String(),
  html: Type.String(),
  status: Type.Optional(Type.String({ description: 'sending, sent or failed' })),
  attempt: Type.Optional(Type.Integer()),
  permanent: Type.Optional(Type.Boolean()),
  reason: Type.Optional(nullable(Type.String())),
  message_id: Type.Optional(Type.String()),
});

const Digest = {
  date: Type.String(),
  /** False: nothing was due on that date, this is what would have been sent. */
  recorded: Type.Boolean(),
  projects: Type.Array(
    Type.Object({
      project: Type.String(),
      from_seq: Type.Integer(),
      to_seq: Type.Integer(),
      settled: Type.Boolean(),
    }),
  ),
  skipped: Type.Array(Type.Object({ project: Type.String(), reason: Type.String() })),
  mails: Type.Array(Mail),
};

/** The digest of a date, made again from the log or made in advance; and sending today's by hand. Admins only. */
export const digestRoutes: Routes = (app, deps) => {
  const { clock, config, models } = deps;
  const today = () => dateAt(clock.now(), config);
  app.get(
    '/digests',
    {
      schema: {
        summary: 'The dates that have a digest, the newest first, and what became of its mails (admin)',
        querystring: Type.Object({
          ...pageQuery,
          project: Type.Optional(Type.String({ maxLength: 64 })),
        }),
        response: {
          200: success({
            digests: Type.Array(
              Type.Object({
                date: Type.String(),
                projects: Type.Integer(),
                mails: Type.Integer(),
                sent: Type.Integer(),
                failed: Type.Integer(),
              }),
            ),
            next_cursor: NextCursor,
          }),
        },
      },
    },
    async (request) => {
      mustBeAdmin(callerOf(request));
      const { project = null, limit = 50, cursor } = request.query;
      const { digests } = models.query();
      const found = digests.dates(project, textIn(cursor, '9999'), limit + 1);
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        ok: true as const,
        digests: page.map((one) => {
          const mails = digests.mails(one.date).filter((mail) => project === null || mail.projects.includes(project));
          const count = (word: string) => mails.filter(({ status }) => status === word).length;
          return { ...one, mails: mails.length, sent: count('sent'), failed: count('failed') };
        }),
        next_cursor: found.length > limit && last ? cursorOf(last.date) : null,
      };
    },
  );
  app.get(
    '/digests/:date',
    {
      schema: {
        summary: 'The digest of a date, rendered from the log: the same bytes whenever it is asked for',
        params: Type.Object({ date: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' }) }),
        response: { 200: success(Digest) },
      },
    },
    async (request) => {
      mustBeAdmin(callerOf(request));
      return { ok: true as const, ...(await digestOn(request.params.date, deps)) };
    },
  );
  app.post(
    '/admin/digest/run-now',
    {
      schema: {
        summary: "Send today's digest now; with dry_run only show it",
        body: Type.Optional(nullable(closed({ dry_run: Type.Optional(Type.Boolean()) }))),
        response: {
          200: success({ dry_run: Type.Boolean(), ...Digest }),
          202: success({ dry_run: Type.Boolean(), date: Type.String(), projects: Type.Array(Type.String()) }),
        },
      },
    },
    async (request, reply) => {
      mustBeAdmin(callerOf(request));
      if (request.body?.dry_run === true) {
        const digest = await digestOn(today(), deps, true);
        return { ok: true as const, dry_run: true, ...digest };
      }
      return once(request, reply, deps, async () => {
        if (!config.smtp)
          throw new AppError(
            'conflict',
            'The digest is disabled: CRAFTING_SMTP_HOST is not set. Use {"dry_run": true}.',
            {
              name: 'digest_disabled',
            },
          );
        const { seq, projects } = await makeDue(today(), deps);
        await visible(models, seq, reply, 202);
        reply.header('location', `/digests/${today()}`);
        return { ok: true as const, dry_run: false, date: today(), projects };
      });
    },
  );
};

/** The digester does the rest: it takes up every date that has something due. */
async function makeDue(date: string, { clock, models, log }: ApiDeps) {
  const sent = () =>
    new AppError('conflict', `The digest of ${date} was sent already, or is being sent: see GET /digests/${date}.`, {
      name: 'digest_already_sent',
    });
  const { digests } = models.query();
  const drafts = missingDues(
    { date, dueMs: clock.now() },
    everyProject(models.query().projects),
    models.seq(),
    digests,
    { now: true },
  );
  if (drafts.length === 0 && digests.due(date).length > 0) throw sent();
  if (drafts.length === 0)
    throw new AppError('conflict', 'No project names anybody in notify.email.', { name: 'nobody_to_tell' });
  let seq = 0;
  for (const draft of drafts) {
    const made = await appendOnce(log, draft, { expect: 0 });
    // What is there was begun by the digester at the same time.
    if (made.outcome === 'appended') seq = Math.max(seq, made.seq);
  }
  if (seq === 0) throw sent();
  return { seq, projects: drafts.map(({ data }) => data.project) };
}

/** What is recorded of a date; without that, what would be sent: of a past date by its own day, of today by now. */
async function digestOn(date: string, deps: ApiDeps, now = false) {
  const { clock, config, models } = deps;
  const dueMs = dueMsOf(date, config);
  if (dueMs === null || date > dateAt(clock.now(), config))
    throw new AppError('not_found', 'There is no digest of that date.');
  const { digests } = models.query();
  const dues = digests.due(date);
  if (dues.length === 0) {
    const untilMs = now ? clock.now() : Math.min(dueMs, clock.now());
    const toSeq = untilMs === clock.now() ? models.seq() : digests.seqBefore(new Date(untilMs).toISOString());
    return { date, recorded: false, projects: [], ...(await previewOf({ date, dueMs: untilMs }, toSeq, deps)) };
  }
  const mails = digests.mails(date);
  return {
    date,
    recorded: true,
    projects: dues.map((due) => ({
      project: due.project,
      from_seq: due.from_seq,
      to_seq: due.to_seq,
      settled: isSettled(due, mails),
    })),
    skipped: dues.flatMap(({ project, skipped }) => (skipped === null ? [] : [{ project, reason: skipped }])),
    mails: mails.map(({ recipient, projects, status, attempt, permanent, reason, message_id }) => ({
      recipient,
      recipient_count: 1,
      projects,
      ...rendered(
        contentAgain(date, projects, digests, config.digestTimezone),
        config.publicUrl,
        config.digestTimezone,
      ),
      status,
      attempt,
      permanent,
      reason,
      message_id,
    })),
  };
}
