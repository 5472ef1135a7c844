import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type Fault, messageOf } from '../../floor/app-error.ts';
import type { Log } from '../../io/log.ts';
import { isLogTrouble } from '../../io/nats/log-trouble.ts';
import { problemType, statusOf, titleOf } from './problem-codes.ts';

/** An RFC 9457 problem, as every failed request is answered. */
type Problem = {
  ok: false;
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  errors?: readonly Fault[];
  request_id: string;
};

/** Makes the problem of an error; `base` is the path below which the farm is reached. What nobody foresaw is answered in two words. */
export function problemOf(error: AppError, requestId: string, base = ''): Problem {
  const unforeseen = error.code === 'internal';
  const type = problemType(error.reason);
  return {
    ok: false,
    type: type === 'about:blank' ? type : `${base}${type}`,
    title: titleOf(error.code, error.reason),
    status: statusOf(error.code, error.reason),
    code: error.reason,
    detail: unforeseen ? 'Internal error.' : error.message,
    ...(error.faults.length > 0 ? { errors: error.faults } : {}),
    request_id: requestId,
  };
}

/** Turns whatever was thrown, by us or by the framework, into our error. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { statusCode, message, validation, validationContext } = error as Partial<FastifyError>;
  if (validation) {
    // A field that is missing is also of no type: the first word about a place is enough.
    const firstOf = new Map(validation.toReversed().map((one) => [one.instancePath, one.message ?? 'is not valid']));
    const faults = [...firstOf]
      .reverse()
      .slice(0, 20)
      .map(([at, message]) => ({ path: `/${validationContext ?? 'body'}${at}`, message }));
    const [first] = faults;
    return new AppError('invalid', first ? `${first.path}: ${first.message}` : 'The request is not valid.', {
      faults,
      cause: error,
    });
  }
  if (statusCode === 413)
    return new AppError(
      'too_large',
      'The body is larger than what is taken here: 1 MiB, and 25 MiB of the webhook of a forge.',
      { cause: error },
    );
  if (statusCode === 429) return new AppError('rate_limited', message ?? 'Too many requests.', { cause: error });
  if (statusCode === 404) return new AppError('not_found', 'There is nothing at this address.', { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new AppError('invalid', message ?? 'The request is not valid.', { cause: error });
  // Whoever asked the server of the log from within a route, for the end of a job's output or a lease.
  if (isLogTrouble(error))
    return new AppError('unavailable', 'The log does not answer at the moment.', { cause: error, retryAfterSecs: 2 });
  return new AppError('internal', messageOf(error), { cause: error });
}

/** Answers an error; logs whole what nobody foresaw. */
export function sendProblem(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, base }: { readonly log: Log; readonly base: string },
): FastifyReply {
  const error = toAppError(thrown);
  if (error.code === 'internal')
    log.error({ request_id: request.id, err: error.cause ?? error }, 'a request failed in an unforeseen way');
  if (error.retryAfterSecs !== undefined) reply.header('retry-after', String(error.retryAfterSecs));
  if (error.code === 'unauthorized' && !reply.hasHeader('www-authenticate'))
    reply.header('www-authenticate', 'Bearer realm="crafting-table"');
  return reply
    .code(statusOf(error.code, error.reason))
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemOf(error, String(request.id), base)));
}
