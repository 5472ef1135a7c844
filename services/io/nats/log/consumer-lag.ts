import { eventStream } from '../../../../events/streams.ts';
import type { Nats } from '../connection.ts';

/** How far a consumer is behind the end of the log: events that it has not acknowledged, and how many of them it holds now. */
type ConsumerLag = { readonly name: string; readonly behind: number; readonly in_flight: number };

/** More than a farm has; a server with others' consumers beside ours is not read to its end. */
const mostAsked = 1_000;

/** The durable consumers of the log. What is made as one durable an event (`parser-RecipeExited`) is summed up under its name. */
export async function consumerLags({ jsm }: Nats): Promise<ConsumerLag[]> {
  const lags = new Map<string, ConsumerLag>();
  let asked = 0;
  for await (const { config, num_pending, num_ack_pending } of jsm.consumers.list(eventStream.name)) {
    asked += 1;
    if (asked > mostAsked) break;
    if (!config.durable_name) continue;
    const name = config.durable_name.replace(/-[A-Z][A-Za-z]+$/, '');
    const { behind = 0, in_flight = 0 } = lags.get(name) ?? {};
    lags.set(name, { name, behind: behind + num_pending + num_ack_pending, in_flight: in_flight + num_ack_pending });
  }
  return [...lags.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
