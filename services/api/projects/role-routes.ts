import { posix } from 'node:path';
import { Type } from '@sinclair/typebox';
import { nullable } from '../../../events/fields.ts';
import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import { decidesVerdict, pathRoles } from '../../patcher/rules/roles/define.ts';
import { roleOf } from '../../patcher/rules/roles/role-of.ts';
import { readRunnerSettings, settingNames } from '../../patcher/rules/roles/runner-settings.ts';
import { callerOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { ownProject } from './project-routes.ts';

const Path = Type.String({ minLength: 1, maxLength: 1024 });
const Found = Type.Object({
  path: Type.String(),
  role: Type.Union(pathRoles.map((role) => Type.Literal(role))),
  decides_verdict: Type.Boolean({
    description: 'a patch may change it only where its finding lies, and what it says must stay',
  }),
  why: Type.String(),
  by: Type.String({ description: 'the table of an ecosystem, or the file of settings, that says so' }),
});
const Answer = success({
  roles: Type.Array(Found),
  base: nullable(
    Type.String({ description: 'the commit whose settings were read; null: conventions and recipes alone' }),
  ),
  settings: Type.Array(Type.String({ description: 'the files of settings that were read' })),
});

/** What paths of a repository are to those who judge its code. */
export const roleRoutes: Routes = (app, deps) => {
  app.get(
    '/projects/:name/roles',
    {
      schema: {
        summary: 'The role of paths: whether a patch may change them, and who says so',
        params: Type.Object({ name: Type.String() }),
        querystring: Type.Object({ path: Type.Union([Path, Type.Array(Path, { minItems: 1, maxItems: 100 })]) }),
        response: { 200: Answer },
      },
    },
    async (request) => {
      const project = ownProject(request.params.name, callerOf(request), deps);
      const { base, texts } = await settingTexts(project, deps);
      const commands = project.subprojects.flatMap(({ path: folder, build, test, lint, audit }) =>
        [build, test, lint, audit].flatMap((command) => (command === undefined ? [] : [{ folder, command }])),
      );
      const settings = readRunnerSettings(texts, commands);
      const roles = [request.query.path].flat().map((path) => {
        const { role, why, by } = roleOf(path, settings);
        return { path, role, decides_verdict: decidesVerdict(role), why, by };
      });
      return { ok: true as const, roles, base, settings: [...texts.keys()].sort() };
    },
  );
};

/** The runners' settings at the commit that the default branch was judged at last; none where no sources are at hand. */
async function settingTexts(project: ProjectDoc, { models, vault, sources, logger }: ApiDeps) {
  const texts = new Map<string, string>();
  const base = models.query().jobs.judgedCommit(project.name);
  if (!sources || base === null) return { base: null, texts };
  const folders = new Set(['.', ...project.subprojects.map(({ path }) => path)]);
  const paths = [...folders].flatMap((folder) => settingNames.map((name) => posix.join(folder, name)));
  try {
    const { git_url: url, credential_ref } = project;
    const remote = credential_ref ? { url, credential: JSON.parse(await vault.get(credential_ref)) } : { url };
    for (const [path, bytes] of await sources.readBlobs(remote, base, paths)) texts.set(path, bytes.toString('utf8'));
    return { base, texts };
  } catch (error) {
    logger.debug({ err: error, project: project.name }, 'the settings of the runners could not be read');
    return { base: null, texts };
  }
}
