import { pagePath, pageUrl } from '../../floor/page-paths.ts';
import { code } from '../../floor/text/escape-text.ts';

/** What a run used outside of its bottle; null where nothing is known. */
export type EgressFacts = {
  readonly hosts: readonly string[];
  readonly requests: number;
  /** Requests that were not let through. */
  readonly refused: number;
  readonly tokens: number;
  /** US dollars; null without a price. */
  readonly money: number | null;
};

/** What is known of the run behind something that is posted. Times are ISO 8601. */
export type RunFacts = {
  readonly farm: { readonly version: string; readonly url: string | null };
  readonly project: string;
  readonly work: string;
  readonly round: number;
  readonly turn: number;
  readonly by: string;
  readonly trigger: string;
  readonly agent: string;
  readonly manifest: string | null;
  readonly bottle: string | null;
  readonly session: string | null;
  readonly startedAt: string | null;
  readonly durationMs: number | null;
  readonly turns: number | null;
  readonly exitCode: number | null;
  /** How the run ended; null while it runs. */
  readonly ended: string | null;
  readonly done: string | null;
  readonly attempt: string | null;
  readonly verifyJobs: readonly string[];
  /** Who looked for secrets in the diff, and whether one was found; null before there is a diff. */
  readonly secrets: { readonly scanner: string; readonly found: boolean } | null;
  readonly egress: EgressFacts | null;
};

const doneWords: Readonly<Record<string, string>> = {
  done: 'its agent said so',
  done_unreported: '⚠ its agent did not say so; the watchdog or its exit ended it',
  cut_off: '⚠ cut off: its budget was used up',
  frozen: '⚠ frozen by rule',
  killed: '⚠ killed by rule',
  stopped: '⚠ somebody stopped it',
  failed: '⚠ it could not run',
};

/** The end of everything that is posted about work on an issue: who did it, with what. Not to be configured away. */
export function runProvenance(facts: RunFacts): string {
  const { farm, secrets, egress } = facts;
  const rows: [string, string | null][] = [
    ['farm', `crafting-table ${code(farm.version, 64)}`],
    ['project and work', `${code(facts.project)} ${code(facts.work)}, round ${facts.round}, turn ${facts.turn}`],
    ['asked for by', `${code(facts.by)} (${facts.trigger})`],
    ['agent', code(facts.agent)],
    ['resolved manifest', facts.manifest && `SHA-256 ${code(facts.manifest)}`],
    ['bottle', facts.bottle && code(facts.bottle)],
    ['session', facts.session && code(facts.session)],
    ['started', facts.startedAt && code(facts.startedAt, 40)],
    ['duration', facts.durationMs === null ? null : durationWords(facts.durationMs)],
    ['turns of the agent', facts.turns === null ? null : String(facts.turns)],
    ['exit', facts.exitCode === null ? null : `${facts.exitCode}${facts.exitCode === 0 ? ' ✓' : ''}`],
    ['done', facts.ended && (doneWords[facts.ended] ?? code(facts.ended))],
    ['what its agent says of it', facts.done && code(facts.done)],
    ['attempt', facts.attempt && code(facts.attempt)],
    [
      'verify jobs',
      facts.verifyJobs.length === 0 ? null : facts.verifyJobs.map((id) => jobLink(id, farm.url)).join(', '),
    ],
    ['secrets', secrets && `${secrets.found ? '⚠ found' : 'none found'} by ${code(secrets.scanner)}`],
    ['egress', egress && egressWords(egress)],
    ['why all of this happened', chainLink(facts)],
  ];
  return [
    '<details><summary>Provenance</summary>',
    '',
    '| what | value |',
    '|---|---|',
    ...rows.filter(([, value]) => value !== null).map(([what, value]) => `| ${what} | ${value} |`),
    '',
    'The agent holds no credential. crafting-table never merges: people do.',
    '',
    '</details>',
  ].join('\n');
}

function egressWords({ hosts, requests, refused, tokens, money }: EgressFacts): string {
  const where =
    hosts.length === 0
      ? 'no host'
      : hosts
          .slice(0, 10)
          .map((host) => code(host, 128))
          .join(', ');
  const spent = money === null ? 'no price known' : `${money.toFixed(4)} USD`;
  const beside = refused === 0 ? '' : ` (⚠ refused ${refused} more)`;
  return `${where}; requests ${requests}${beside}, tokens ${tokens}, ${spent}`;
}

/** The chain of events, as the command line and the API show it. */
function chainLink({ farm, work }: RunFacts): string {
  const path = `/work/${encodeURIComponent(work)}`;
  const url = farm.url === null ? null : URL.parse(`${farm.url.replace(/\/+$/, '')}${path}`);
  const words = code(`crafting-table orchestrate show ${work}`);
  return url === null ? words : `[${code(path)}](<${url.href}>), ${words}`;
}

function jobLink(id: string, farmUrl: string | null): string {
  const url = URL.parse(pageUrl(farmUrl, pagePath.job(id)) ?? '');
  return url === null ? code(id) : `[${code(id)}](<${url.href}>)`;
}

function durationWords(ms: number): string {
  const secs = Math.max(0, Math.round(ms / 1000));
  if (secs < 60) return `${secs} s`;
  const minutes = Math.floor(secs / 60);
  return minutes < 60 ? `${minutes} min ${secs % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
