import { createHash } from 'node:crypto';

/**
 * Ids of traces and spans follow from what they are of: whoever hears of a job can name its spans, in any process, and
 * what is sent twice is the same span. 16 and 8 bytes in hexadecimal (W3C Trace Context).
 */
export function traceIdOf(correlationId: string): string {
  return digest(`trace ${correlationId}`).slice(0, 32);
}

/** `what` is a kind and the id of that thing, such as `run 01m7…`. */
export function spanIdOf(what: string): string {
  return digest(`span ${what}`).slice(0, 16);
}

/** What a job is given so that its own spans stand below its run. */
export function traceParentOf(correlationId: string, jobId: string): string {
  return `00-${traceIdOf(correlationId)}-${spanIdOf(`run ${jobId}`)}-01`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
