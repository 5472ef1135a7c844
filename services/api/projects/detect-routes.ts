import { Type } from '@sinclair/typebox';
import { closed, Name, Recipe } from '../../../events/fields.ts';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { refuseOwnFolder } from '../../io/git/mirrors/own-folder.ts';
import { parseRemoteUrl } from '../../io/git/mirrors/remote-url.ts';
import { projectNameOf } from '../../projects/rules/detected-document.ts';
import { ProjectInput } from '../../projects/rules/project-document.ts';
import { type Routes, success } from '../define.ts';

const place = { path: Type.String(), language: Type.String(), why: Type.String() };
const Detection = success({
  document: ProjectInput,
  sha: Type.String({ description: 'the commit that was looked at' }),
  off: Type.Array(Type.Object(place), { description: 'folders that were found and are not run, and why' }),
  missing: Type.Array(Type.Object({ ...place, recipe: Recipe, tool: Type.String() }), {
    description: 'tools that would have something to say and are not installed on this machine',
  }),
  problems: Type.Array(Type.Object({ path: Type.String(), why: Type.String() }), {
    description: 'files and folders that could not be read: what they say is not in the document',
  }),
  unknown: Type.Array(Type.Object({ command: Type.String(), where: Type.String() }), {
    description: 'checks of CI with tools of which nothing is known: no recipe of the document runs them',
  }),
  toolchains: Type.Array(
    Type.Object({
      path: Type.String({ description: 'the folder for which it is asked' }),
      toolchain: Type.String({ description: 'such as python, rust or gradle' }),
      asks: Type.String({ description: 'the version as it stands in the file' }),
      file: Type.String(),
      has: Type.String({ description: 'what this machine has of it, in words' }),
      met: Type.Union([Type.Boolean(), Type.Null()], {
        description:
          'null: another version is used, or it is fetched at the first run; false: recipes that need it are missing',
      }),
      advice: Type.Union([Type.String(), Type.Null()], { description: 'what to do about it, or what will happen' }),
    }),
    { description: 'the versions that the repository asks for, and whether this machine has them' },
  ),
  complete: Type.Boolean({ description: 'false when only the upper part of a very large repository was looked at' }),
});
const Wanted = closed(
  {
    git_url: Type.String({ minLength: 1, maxLength: 2048 }),
    branch: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    name: Type.Optional(Name),
  },
  { title: 'DetectInput' },
);

/** So many checkouts for strangers' addresses at a time: each is a clone. */
const atOnce = 2;
/** Where nobody names a branch. */
const usualBranches = ['main', 'master'];

/** What a project's document would be, before it is one. */
export const detectRoutes: Routes = (app, { config, sources }) => {
  let running = 0;
  app.post(
    '/detect',
    {
      schema: {
        summary: 'Look at a repository and propose its document; nothing is registered, and nothing of it is run',
        description: 'The document is what POST /projects takes. Recipes are there for the tools of this machine.',
        body: Wanted,
        response: { 200: Detection },
      },
    },
    async (request) => {
      const { git_url, branch, name } = request.body;
      const { url, credential } = parseRemoteUrl(git_url, { allowLocal: config.allowLocalRepos });
      refuseOwnFolder(url, [config.dataDir, config.workspaceDir, config.cacheDir]);
      if (!sources) throw new AppError('unavailable', 'This process has no mirrors: ask one with the role runner.');
      if (running >= atOnce)
        throw new AppError('rate_limited', 'Other repositories are being looked at: ask again.', {
          retryAfterSecs: 10,
        });
      running += 1;
      try {
        // Loaded where somebody asks: detection and its readers are a tenth of what a start would load.
        const { detectProject } = await import('../../projects/detect-project.ts');
        const remote = { url, ...(credential ? { credential } : {}) };
        const look = (tip: string) =>
          detectProject(
            { name: name ?? projectNameOf(url), shown: url, remote, branch: tip },
            { workspaces: sources, env: process.env },
          );
        return { ok: true as const, ...(await firstThere(branch === undefined ? usualBranches : [branch], look)) };
      } finally {
        running -= 1;
      }
    },
  );
};

/** The answer for the first branch that there is. Throws what the last one met. */
async function firstThere<T>(branches: readonly string[], look: (branch: string) => Promise<T>): Promise<T> {
  const [branch = 'main', ...others] = branches;
  try {
    return await look(branch);
  } catch (error) {
    if (others.length > 0 && isAppError(error, 'not_found')) return firstThere(others, look);
    throw error;
  }
}
