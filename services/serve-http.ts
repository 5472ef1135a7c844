import { readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { ensureAdminBearer } from './admin-bearer.ts';
import { openSeats } from './api/live/seats.ts';
import { openNodes } from './api/nodes/api-nodes.ts';
import { openApi } from './api/server.ts';
import { openSessions } from './api/sessions/session-store.ts';
import { requestCounts } from './api/status/request-counts.ts';
import { openTokenUses } from './api/token-uses.ts';
import { openOutside } from './backup/outside-watch.ts';
import { hashBearer } from './floor/bearer-hash.ts';
import { pagePath } from './floor/page-paths.ts';
import { whileLocked } from './io/files/file-lock.ts';
import { listenFailure } from './io/listen/listen-failure.ts';
import { listenOptions, settleSocket } from './io/listen/listen-place.ts';
import { openNodeTalk } from './io/nats/node-talk.ts';
import { hostInUrl } from './io/nats/server/listen-address.ts';
import type { OwnDisk } from './own-folders.ts';
import type { Preview } from './parser/parser.ts';
import { previewTopic } from './parser/start-parser.ts';
import type { RunningRoles } from './registry.ts';
import type { RoleDeps } from './role-deps.ts';

/** How long another reading of a log may take in another process, in ms. */
const previewMs = 60_000;

const elsewhere =
  'the admin bearer of this log was made by another service: use the one in its data folder, or put that into admin-bearer.txt here';

type Serving = RoleDeps & { readonly running: RunningRoles; readonly disk: OwnDisk };

/** The role `api`: makes the admin bearer, and listens. Loaded only where it runs. */
export async function serveHttp(
  deps: Serving,
): Promise<{ url: string; adminBearerFile: string | null; signInLink: (() => Promise<string>) | null }> {
  const { config, log, models, logger, clock, opened, parts, disk } = deps;
  const { runner = null, parser } = deps.running;
  const outside = opened(openOutside({ ...deps }), (one) => one.close());
  const adminBearerFile = await whileLocked(join(config.dataDir, 'projector', 'bearer.lock'), () =>
    ensureAdminBearer(config.dataDir, { log, models, ownLog: !config.natsUrl }),
  );
  if (adminBearerFile === null) logger.warn({}, elsewhere);
  const talk = config.natsUrl ? openNodeTalk(deps.nats) : null;
  const flush = () => deps.nats.connection.flush();
  const nodes = talk && opened(await openNodes(talk, { flush }), (one) => one.stop());
  const askParser = (jobId: string) => talk?.ask(previewTopic, { jobId }, previewMs) as Promise<Preview | null>;
  const api = opened(
    await openApi({
      ...deps,
      counts: requestCounts(),
      seats: openSeats(nodes),
      nodes,
      uses: openTokenUses({ hints: deps.hints, clock, logger }),
      runner: () => runner && { ...runner.status(), containment: runner.containment, sandbox: runner.sandbox },
      sources: deps.workspaces,
      outside,
      disk,
      preview: parser?.preview ?? (talk ? askParser : null),
      ...(parts.onAnswer ? { onAnswer: parts.onAnswer } : {}),
    }),
    (one) => one.close(),
  );
  const { place } = config;
  const said = await api.listen(listenOptions(place)).catch((error) => {
    throw listenFailure(error, config);
  });
  settleSocket(place, api.server);
  const url = addressOf(said, config, api.server);
  writeFileSync(join(config.dataDir, 'url.txt'), `${url}\n`);
  const page = config.publicUrl ?? url;
  const isLinked = adminBearerFile !== null && isWeb(page);
  const signInLink = isLinked ? () => linkFor(adminBearerFile, page, deps) : null;
  return { url, adminBearerFile, signInLink };
}

/** Where clients of this machine find the service: with TLS, under the name in its certificate; `unix:/path` for a socket file. */
function addressOf(said: string, { place, publicUrl, tls }: Serving['config'], server: Server): string {
  if (place.kind === 'address') return tls ? (publicUrl ?? said.replace(/^http:/, 'https:')) : said;
  const at = server.address();
  const bound =
    typeof at === 'object' && at !== null ? `http${tls ? 's' : ''}://${hostInUrl(at.address)}:${at.port}` : null;
  const file = typeof at === 'string' ? `unix:${at}` : said;
  return publicUrl ?? bound ?? file;
}

/** Whether a browser can go there. */
const isWeb = (address: string) => /^https?:\/\//.test(address);

/** An address that signs the admin in once. */
async function linkFor(bearerFile: string, base: string, { sessionKeys, clock }: Serving): Promise<string> {
  const sha256 = hashBearer(readFileSync(bearerFile, 'utf8').trim());
  const { code } = await openSessions(sessionKeys, clock).issueCode({ name: 'admin', sha256 });
  return `${base}${pagePath.signIn()}#code=${code}`;
}
