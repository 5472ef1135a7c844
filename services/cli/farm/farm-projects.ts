import { isDeepStrictEqual } from 'node:util';
import type { RegistrationMode } from '../../../events/people/registration.ts';
import { documentOf } from '../../documents/project-schema.ts';
import { parseRemoteUrl } from '../../io/git/mirrors/remote-url.ts';
import { emailsOf, type ProjectInput, projectDocument } from '../../projects/rules/project-document.ts';
import type { ApiClient } from './api-client.ts';

type Shown = ProjectInput & { readonly has_credential: boolean };

type Warned = { readonly warnings?: readonly { readonly path: string; readonly message: string }[] };

/** The projects of a farm, as someone sees them who registers many. Throws AppError with the sentence of the farm. */
export function farmProjects(api: ApiClient, warn: (text: string) => void = () => {}) {
  const told = (name: string, { warnings = [] }: Warned) => {
    for (const { path, message } of warnings) warn(`${name}${path}: ${message}`);
  };
  return {
    async list(): Promise<Map<string, Shown>> {
      return new Map((await api.all<Shown>('/projects', 'projects')).map((project) => [project.name, project]));
    },
    /** Registers a project, or makes it what the document says; `merge` leaves settings that the document does not name. */
    async put(
      input: ProjectInput,
      shown: Shown | null,
      { mode, renewCredentials }: { mode: RegistrationMode; renewCredentials: boolean },
    ): Promise<'created' | 'updated' | 'unchanged'> {
      if (shown === null) {
        told(input.name, await api.post<Warned>('/projects', input));
        return 'created';
      }
      const before = documentOf(shown);
      const after = mode === 'merge' ? merged(before, input) : input;
      const credential = parseRemoteUrl(input.git_url, { allowLocal: true }).credential !== undefined;
      const isThere = before.recipes === 'repository' && after.recipes === 'repository';
      const [was, is] = isThere ? [withoutRecipes(before), withoutRecipes(after)] : [before, after];
      const same = isDeepStrictEqual(canonical(was), canonical(is)) && (!credential || shown.has_credential);
      if (same && !(renewCredentials && credential)) return 'unchanged';
      const path = `/projects/${input.name}`;
      if (mode === 'merge') {
        // What the document does not name is left as it is now, which may be another than when all were listed.
        const { answer, etag } = await api.version<{ project: Shown }>(path);
        told(input.name, await api.put<Warned>(path, merged(documentOf(answer.project), input), etag));
      } else told(input.name, await api.put<Warned>(path, after));
      return same ? 'unchanged' : 'updated';
    },
    async remove(name: string): Promise<'removed'> {
      await api.delete(`/projects/${name}`);
      return 'removed';
    },
    async started(set: string, body: object): Promise<string[]> {
      return (await api.post<{ managed: string[] }>(`/registrations/${set}/start`, body)).managed;
    },
    async completed(set: string, report: object): Promise<void> {
      await api.post(`/registrations/${set}/complete`, report);
    },
  };
}

function merged(before: ProjectInput, input: ProjectInput): ProjectInput {
  const notify = { ...before.notify, ...input.notify };
  return { ...before, ...input, ...(Object.keys(notify).length > 0 ? { notify } : {}) };
}

/** What the repository says is no difference between a document and its project. */
function withoutRecipes({ subprojects: _subprojects, languages: _languages, ...document }: ProjectInput): ProjectInput {
  return document;
}

/** The document with every default in its place and without its credential. */
function canonical(input: ProjectInput) {
  const refs = { credential_ref: null, email_ref: null, assignees_ref: null };
  const { url: gitUrl } = parseRemoteUrl(input.git_url, { allowLocal: true });
  // Targets of notices are shown without their addresses, so they are compared by what is told to them.
  const webhooks = (input.notify?.webhooks ?? []).map(({ on, format, id }) => ({ on, format, id }));
  const { webhooks: _secret, ...notify } = input.notify ?? {};
  const document = projectDocument({ ...input, notify }, { owner: 'nobody', gitUrl, refs });
  return JSON.parse(
    JSON.stringify({ document, webhooks, emails: emailsOf(input), assignees: input.patch?.assignees ?? [] }),
  );
}
