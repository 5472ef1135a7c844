import { followEvents, type LiveMessage, type LiveState } from './live-stream.ts';

/** One connection for all tabs of the farm. A browser keeps six to a host, and each tab would take one for ever. */
const ports = new Set<MessagePort>();
let following: ReturnType<typeof followEvents> | null = null;
let state: LiveState = 'connecting';

const tell = (message: LiveMessage) => {
  if (message.kind === 'state') state = message.state;
  for (const port of ports) port.postMessage(message);
};

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (!port) return;
  port.onmessage = ({ data }: MessageEvent<{ say: 'hello' | 'bye' | 'hurry' | 'again'; base: string }>) => {
    if (data.say === 'bye') ports.delete(port);
    else ports.add(port);
    if (ports.size === 0 || data.say === 'again') {
      following?.stop();
      following = null;
    }
    if (data.say === 'hello' || data.say === 'again') {
      following ??= followEvents(data.base, tell);
      port.postMessage({ kind: 'state', state } satisfies LiveMessage);
    } else if (data.say === 'hurry') following?.hurry();
  };
  port.start();
});
