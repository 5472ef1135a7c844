import { ProtocolError, ProtocolErrorCode, type Server, type ServerContext } from '@modelcontextprotocol/server';
import { isAppError } from '../../floor/app-error.ts';
import { shown } from '../answers/untrusted-text.ts';
import type { FarmClient } from '../define.ts';
import { farmResources, resourceAt } from './farm-resources.ts';
import { watchResources } from './watch-resources.ts';

type Reading = {
  readonly clientOf: (context: ServerContext) => FarmClient;
  /** Whether the client hears of changes. */
  readonly listens: boolean;
  readonly gone?: AbortSignal;
};

type Projects = { readonly projects: readonly { readonly name: string }[] };
const mostListed = 100;

/** Answers what a client asks of resources: findings of each project are listed, the rest is told as templates. */
export function answerResources(server: Server, { clientOf, listens, gone }: Reading): void {
  const [findings] = farmResources;
  server.setRequestHandler('resources/list', async (_request, context) => {
    const { projects } = await clientOf(context).get<Projects>(`/projects?limit=${mostListed}`);
    return {
      resources: projects.map(({ name }) => ({
        uri: `farm://project/${name}/findings`,
        name: `findings of ${name}`,
        ...(findings ? { description: findings.description, mimeType: findings.mimeType } : {}),
      })),
    };
  });
  server.setRequestHandler('resources/templates/list', async () => ({
    resourceTemplates: farmResources.map(({ template, name, title, description, mimeType }) => ({
      ...{ uriTemplate: template, name, title, description, mimeType },
    })),
  }));
  server.setRequestHandler('resources/read', async ({ params: { uri } }, context) => {
    const found = resourceAt(uri);
    if (!found) throw noSuchResource(uri);
    try {
      const text = await found.resource.read(found.of, clientOf(context));
      return { contents: [{ uri, mimeType: found.resource.mimeType, text }] };
    } catch (error) {
      if (isAppError(error, 'not_found')) throw noSuchResource(uri);
      if (isAppError(error)) throw new ProtocolError(ProtocolErrorCode.InternalError, error.message);
      throw error;
    }
  });
  if (!listens) return;
  let watch: ReturnType<typeof watchResources> | undefined;
  server.setRequestHandler('resources/subscribe', async ({ params: { uri } }, context) => {
    if (!resourceAt(uri)) throw noSuchResource(uri);
    watch ??= watchResources({
      client: clientOf(context),
      onChange: (changed) => server.sendResourceUpdated({ uri: changed }),
      ...(gone ? { gone } : {}),
    });
    await watch.add(uri);
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', async ({ params: { uri } }) => {
    watch?.remove(uri);
    return {};
  });
  const before = server.onclose;
  server.onclose = () => {
    before?.();
    watch?.stop();
  };
}

function noSuchResource(uri: string): ProtocolError {
  const known = farmResources.map(({ template }) => template).join(', ');
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `There is no resource ${shown(uri, 200)}, or it is not yours. Known: ${known}.`,
  );
}
