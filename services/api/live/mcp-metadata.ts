import { type Static, Type } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import type { Routes } from '../define.ts';

/** RFC 9728, as far as it is true here: bearers are minted by people, and no authorization server hands them out. */
const ProtectedResource = Type.Object(
  {
    resource: Type.String({ description: 'the address of the MCP endpoint' }),
    resource_name: Type.String(),
    bearer_methods_supported: Type.Array(Type.String()),
    scopes_supported: Type.Array(Type.String()),
  },
  { title: 'ProtectedResource' },
);

const place = '/.well-known/oauth-protected-resource';

/** What a client that knows OAuth asks for after a 401: how the endpoint is protected. */
export const mcpMetadataRoutes: Routes = (app, { config }) => {
  for (const path of [place, `${place}/mcp`])
    app.get(
      path,
      {
        schema: {
          summary: 'How the MCP endpoint is protected (OAuth 2.0 protected resource metadata, RFC 9728)',
          security: [],
          response: { 200: ProtectedResource },
        },
      },
      async (request): Promise<Static<typeof ProtectedResource>> => ({
        resource: `${baseOf(request, config.publicUrl)}/mcp`,
        resource_name: 'crafting-table',
        bearer_methods_supported: ['header'],
        scopes_supported: ['read', 'run', 'write'],
      }),
    );
};

/** Where the metadata of the endpoint lies, as a 401 names it. */
export function mcpMetadataOf(request: FastifyRequest, publicUrl: string | null): string {
  return `${baseOf(request, publicUrl)}${place}/mcp`;
}

function baseOf({ protocol, host }: FastifyRequest, publicUrl: string | null): string {
  return publicUrl ?? `${protocol}://${host}`;
}
