import { identifier } from '../registry-line.ts';

/** A route below a project that answers something of its document: a schema, one question, one line. */
export const routeSkeleton = (name: string) => `import { Type } from '@sinclair/typebox';
import { callerOf } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';
import { ownProject } from './project-routes.ts';

/** Say here what the answer is for. */
export const ${identifier(name)}Routes: Routes = (app, deps) => {
  app.get(
    '/projects/:name/${name}',
    {
      schema: {
        summary: 'Say in one line what it answers',
        params: Type.Object({ name: Type.String() }),
        response: { 200: success({ name: Type.String() }) },
      },
    },
    async (request) => ({ ok: true as const, name: ownProject(request.params.name, callerOf(request), deps).name }),
  );
};
`;

export const routeTestSkeleton = (name: string) => `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withFarm } from '../../support/farm.ts';
import { register } from './registered.ts';

test('${name} answers for a project of the caller, and 404 for all others', () =>
  withFarm(async (farm) => {
    await register(farm, 'web');
    const mine = await farm.http.get('/projects/web/${name}');
    assert.deepEqual([mine.status, mine.json], [200, { ok: true, name: 'web' }]);
    assert.equal((await farm.http.get('/projects/nothing/${name}')).status, 404);
  }));
`;
