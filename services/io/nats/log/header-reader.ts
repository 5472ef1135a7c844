import type { JsMsg } from '@nats-io/jetstream';
import { headerIn, headerTextOf } from '../../../../events/subscribe/received-headers.ts';

/** Reads single headers of a message of a stream; '' for one that is not there. */
export function headerReaderOf(message: JsMsg): (name: string) => string {
  const text = receivedText(message);
  return text === null ? (name) => message.headers?.get(name) ?? '' : (name) => headerIn(text, name);
}

/** The headers of a message as lines that can be sent again: without those that speak to the server, or as the relay. */
export function headerLinesOf(message: JsMsg): string {
  const text = receivedText(message) ?? textOf(message);
  let lines = '';
  // A line that holds an end of its own would be two to some clients.
  for (const line of text.split('\r\n')) if (passes.test(line)) lines += `${line}\r\n`;
  return lines;
}

const passes = /^(?!nats-|ct-)[!-9;-~]+:[^\r\n]*$/i;

function receivedText(message: JsMsg): string | null {
  return headerTextOf((message as { readonly msg?: object }).msg);
}

function textOf({ headers }: JsMsg): string {
  return (headers?.keys() ?? []).map((name) => `${name}: ${headers?.get(name)}`).join('\r\n');
}
