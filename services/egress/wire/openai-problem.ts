import type { PlaneProblem, ShapedProblem } from './define.ts';

const kinds = {
  budget: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  forbidden: { status: 403, type: 'invalid_request_error', code: 'permission_denied' },
  invalid: { status: 400, type: 'invalid_request_error', code: null },
  not_found: { status: 404, type: 'invalid_request_error', code: 'not_found' },
  too_large: { status: 413, type: 'invalid_request_error', code: 'request_too_large' },
  too_many: { status: 429, type: 'requests', code: 'rate_limit_exceeded' },
  unavailable: { status: 503, type: 'server_error', code: 'overloaded' },
  timeout: { status: 504, type: 'server_error', code: 'timeout' },
} as const;

/** `{"error": {message, type, param, code}}`, as all of OpenAI's API answers. */
export function openaiProblem({ kind, message }: PlaneProblem): ShapedProblem {
  const { status, type, code } = kinds[kind];
  return { status, body: { error: { message, type, param: null, code } } };
}
