import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';

const busy = [408, 500, 503];
const away = [
  errors.TimeoutError,
  errors.RequestError,
  errors.NoRespondersError,
  errors.ConnectionError,
  errors.ClosedConnectionError,
  errors.DrainingConnectionError,
];

/** Whether an error says that the log's server did not answer, or could not do anything just then: another try may. */
export function isLogTrouble(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return busy.includes(error.status);
  if (error instanceof JetStreamError) return 'code' in error && busy.includes(Number(error.code));
  return away.some((type) => error instanceof type);
}
