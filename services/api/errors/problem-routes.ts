import { Type } from '@sinclair/typebox';
import { AppError } from '../../floor/app-error.ts';
import type { Routes } from '../define.ts';
import { success } from '../define.ts';
import { problemCodes, statusOf, titleOf } from './problem-codes.ts';

const Explained = Type.Object(
  {
    code: Type.String(),
    status: Type.Integer(),
    title: Type.String(),
    says: Type.String({ description: 'what it means' }),
    next: Type.String({ description: 'what its reader can do' }),
  },
  { title: 'ProblemCode' },
);

/** What each `code` of a problem means, for everybody on the LAN; `type` of a problem leads here. */
export const problemRoutes: Routes = (app) => {
  app.get(
    '/problems',
    {
      schema: {
        summary: 'Every code that a problem may have',
        security: [],
        response: { 200: success({ problems: Type.Array(Explained) }) },
      },
    },
    async () => ({ ok: true as const, problems: Object.keys(problemCodes).sort().map(explained) }),
  );
  app.get(
    '/problems/:code',
    {
      schema: {
        summary: 'What a code of a problem means, and what can be done',
        security: [],
        params: Type.Object({ code: Type.String({ maxLength: 64 }) }),
        response: { 200: success({ problem: Explained }) },
      },
    },
    async (request) => {
      const { code } = request.params;
      if (!Object.hasOwn(problemCodes, code))
        throw new AppError('not_found', 'There is no such code: GET /problems has all.');
      return { ok: true as const, problem: explained(code) };
    },
  );
};

function explained(word: string) {
  const { code, says, next } = problemCodes[word] ?? { code: 'internal' as const, says: '', next: '' };
  return { code: word, status: statusOf(code, word), title: titleOf(code, word), says, next };
}
