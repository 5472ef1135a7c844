import { type Static, Type } from '@sinclair/typebox';
import { closed, Name, oneOf } from '../../../events/fields.ts';
import { registrationModes } from '../../../events/people/registration.ts';
import { callerOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { once } from '../idempotency.ts';
import { visible } from '../visible.ts';

const Names = Type.Array(Name, { maxItems: 1024 });
const named = Type.Object({ set: Name });
const Start = closed(
  { mode: oneOf(registrationModes), projects: Names, creating: Names },
  { title: 'RegistrationStart' },
);
const Report = closed(
  {
    mode: oneOf(registrationModes),
    created: Names,
    updated: Names,
    unchanged: Names,
    removed: Names,
    skipped: Names,
    failed: Names,
  },
  { title: 'RegistrationReport' },
);

/** The frame around many registrations at once: which projects a set of documents has brought, and how it went. */
export const registrationRoutes: Routes = (app, deps) => {
  const { log, models } = deps;
  app.post(
    '/registrations/:set/start',
    {
      schema: {
        summary:
          'A set of documents is about to be registered; the answer names the projects that it has brought itself',
        params: named,
        body: Start,
        response: { 201: success({ managed: Names }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const { set } = request.params;
        const { mode, projects } = request.body;
        const known = models.query().projects;
        // The read model may lag behind what another process registered: a name that nobody knows stands for itself.
        const creating = request.body.creating.map(known.keyOf);
        const owner = callerOf(request).team;
        const { managed: earlier, seq: expect } = await brought(`${owner}/${set}`, deps);
        const managed = [...new Set([...earlier, ...creating])].sort();
        const data = { set, owner, mode, projects, managed };
        const { seq } = await log.append({ type: 'BulkRegistrationStarted', id: `${owner}/${set}`, data }, { expect });
        await visible(models, seq, reply, 201);
        const said = new Map(request.body.projects.map((name) => [known.keyOf(name), name]));
        return { ok: true as const, managed: managed.map((key) => said.get(key) ?? known.nameOf(key)) };
      }),
  );
  app.post(
    '/registrations/:set/complete',
    {
      schema: {
        summary: 'How the projects of a set fared',
        params: named,
        body: Report,
        response: { 201: success({ report: Report }) },
      },
    },
    async (request, reply) =>
      once(request, reply, deps, async () => {
        const { set } = request.params;
        const report: Static<typeof Report> = request.body;
        const owner = callerOf(request).team;
        const data = { set, owner, ...report, removed: report.removed.map(models.query().projects.keyOf) };
        const { seq } = await log.append({ type: 'BulkRegistrationCompleted', id: `${owner}/${set}`, data });
        await visible(models, seq, reply, 201);
        return { ok: true as const, report };
      }),
  );
};

/** What a set has brought and not removed since, and the sequence of its last start. */
async function brought(id: string, { log }: Pick<ApiDeps, 'log'>): Promise<{ managed: string[]; seq: number }> {
  const [started, completed] = await Promise.all([
    log.last('BulkRegistrationStarted', id),
    log.last('BulkRegistrationCompleted', id),
  ]);
  if (!started) return { managed: [], seq: 0 };
  const removed = completed && completed.seq > started.seq ? completed.data.removed : [];
  return { managed: started.data.managed.filter((name) => !removed.includes(name)), seq: started.seq };
}
