import type { FastifyRequest } from 'fastify';
import type { ReadModels } from '../../projector/read-models.ts';
import type { Api } from '../api-app.ts';

/** Between what people call projects and the names by which the log knows them. */
export type ProjectNames = {
  /** JSON text of the API with what its projects are called in place of what the log calls them. */
  shown(json: string): string;
};

const single = /"project":"([a-z0-9][a-z0-9._-]{0,63})"/g;
const several = /"projects":\[("[a-z0-9._-]+"(?:,"[a-z0-9._-]+")*)\]/g;

/**
 * Reads the names once for each sequence of the read models. A quotation mark inside of a text is escaped in JSON, so that only
 * properties are met, and no text of people.
 */
export function projectNames(models: Pick<ReadModels, 'query' | 'seq'>): ProjectNames {
  const known = { seq: -1, called: new Map<string, string>() };
  const called = () => {
    const seq = models.seq();
    if (known.seq !== seq) {
      known.called = new Map(
        models
          .query()
          .projects.renamed()
          .map((one) => [one.project, one.called]),
      );
      known.seq = seq;
    }
    return known.called;
  };
  return {
    shown: (json) => {
      const names = called();
      if (names.size === 0) return json;
      const nameOf = (key: string) => names.get(key) ?? key;
      return json
        .replace(single, (_all, key: string) => `"project":"${nameOf(key)}"`)
        .replace(several, (_all, keys: string) => `"projects":[${keys.replace(/[^",]+/g, nameOf)}]`);
    },
  };
}

/**
 * Lets requests speak of a project by any name that is its own, and answers by what it is called now: routes know only the name that
 * stands in the log.
 */
export function speakOfProjects(
  app: Pick<Api, 'addHook'>,
  names: ProjectNames,
  models: Pick<ReadModels, 'query'>,
): void {
  app.addHook('preValidation', (request, _reply, done) => {
    meanKeys(request, (name) => models.query().projects.keyOf(name));
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    const isJson = /\bjson\b/.test(String(reply.getHeader('content-type') ?? ''));
    if (isJson && (typeof payload === 'string' || Buffer.isBuffer(payload))) done(null, names.shown(String(payload)));
    else done(null, payload);
  });
}

type KeyOf = (name: string) => string;

function meanKeys({ routeOptions: { url = '' }, params, query, body }: FastifyRequest, keyOf: KeyOf): void {
  if (url.startsWith('/projects/:name')) meanKey(params, 'name', keyOf);
  if (url.startsWith('/schedules/:project')) meanKey(params, 'project', keyOf);
  meanKey(query, 'project', keyOf);
  // What is registered comes with a name of its own, and a set of documents says which of its names it uses.
  if (url === '/projects' || url.startsWith('/registrations/')) return;
  meanKey(body, 'project', keyOf);
  meanKey(body, 'projects', keyOf);
  if (isRecord(body)) meanKey(body['filter'], 'project', keyOf);
}

function meanKey(of: unknown, field: string, keyOf: KeyOf): void {
  if (!isRecord(of)) return;
  const said = of[field];
  const keys = (text: string) => text.split(',').map(keyOf).join(',');
  if (typeof said === 'string') of[field] = keys(said);
  else if (Array.isArray(said)) of[field] = said.map((one) => (typeof one === 'string' ? keys(one) : one));
}

const isRecord = (of: unknown): of is Record<string, unknown> => typeof of === 'object' && of !== null;
