import type { TSchema } from '@sinclair/typebox';
import type { RouteDeps, Routes } from '../../../services/api/define.ts';
import { serveDocs } from '../../../services/api/open-api/docs.ts';
import { routes } from '../../../services/api/registry.ts';

export type Route = {
  readonly method: string;
  /** With `:names`. */
  readonly path: string;
  readonly body: TSchema | undefined;
  /** The schema of the successful answer, and its status. */
  readonly success: readonly [status: number, schema: TSchema] | null;
};

type Options = { schema?: { body?: TSchema; response?: Record<string, TSchema> } };

/** Every route that is registered, with its own schemas: what the routes say, not what the documentation made of it. */
export function routeTable(): Route[] {
  const found: Route[] = [];
  const takes = (method: string) => (path: string, options: Options) => {
    const [success] = Object.entries(options.schema?.response ?? {});
    found.push({
      method,
      path,
      body: options.schema?.body,
      success: success ? [Number(success[0]), success[1]] : null,
    });
  };
  const app = {
    get: takes('GET'),
    post: takes('POST'),
    put: takes('PUT'),
    patch: takes('PATCH'),
    delete: takes('DELETE'),
    addHook() {},
    register: (scope: (app: unknown) => unknown, options?: unknown) => void (options ?? scope(app)),
    removeAllContentTypeParsers() {},
    addContentTypeParser() {},
  };
  const scope = app as unknown as Parameters<Routes>[0];
  for (const route of routes) route(scope, {} as RouteDeps);
  serveDocs(scope, [], { version: '', publicUrl: null });
  return found.filter(({ path }) => !path.startsWith('/docs'));
}
