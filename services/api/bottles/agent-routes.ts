import { Type } from '@sinclair/typebox';
import { ResolvedManifest } from '../../../events/jobs/agent-manifest.ts';
import { manifestDigest } from '../../bottles/manifest-digest.ts';
import { agentNames, resolveManifest } from '../../bottles/rules/resolve-manifest.ts';
import { isAppError } from '../../floor/app-error.ts';
import { callerOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { ownProject } from '../projects/project-routes.ts';

const Shown = Type.Object({
  manifest: ResolvedManifest,
  digest: Type.String({ description: 'SHA-256 of the manifest' }),
});

/** The manifests of a project, as a run would use them. */
export const agentRoutes: Routes = (app, deps) => {
  const defaults = () => ({ watchdogSecs: deps.config.bottleWatchdogSecs });
  app.get(
    '/projects/:name/agents',
    {
      schema: {
        summary: 'The agents that a project may ask for, each with all that it extends',
        params: Type.Object({ name: Type.String() }),
        response: { 200: success({ agents: Type.Array(Shown) }) },
      },
    },
    async (request) => {
      const { agents } = ownProject(request.params.name, callerOf(request), deps);
      const shown = agentNames(agents).flatMap((name) => {
        try {
          const manifest = resolveManifest(name, agents, defaults());
          return [{ manifest, digest: manifestDigest(manifest) }];
        } catch (error) {
          // One that is there to be extended has no program.
          if (isAppError(error)) return [];
          throw error;
        }
      });
      return { ok: true as const, agents: shown };
    },
  );
  app.get(
    '/projects/:name/agents/:agent',
    {
      schema: {
        summary: 'A manifest with all that it extends, and its digest',
        params: Type.Object({ name: Type.String(), agent: Type.String() }),
        response: { 200: success(Shown.properties) },
      },
    },
    async (request) => {
      const { agents } = ownProject(request.params.name, callerOf(request), deps);
      const manifest = resolveManifest(request.params.agent, agents, defaults());
      return { ok: true as const, manifest, digest: manifestDigest(manifest) };
    },
  );
};
