import type { ExitReason, RunFailure } from '../../../events/jobs/job.ts';

/** What is known of a run that failed. `lastLines` are of both pipes; `isExplained`: a tool's findings say why. */
export type FailedRun = {
  readonly reason: ExitReason;
  readonly detail: string | null;
  readonly exitCode: number | null;
  readonly lastLines: string;
  readonly isExplained: boolean;
  /** How often the job was tried again before. */
  readonly retry: number;
};

type Kind = RunFailure['kind'];

const minute = 60_000;
/** How long is waited before each further try, by what was wrong; what waiting does not mend is not tried again. */
const pauses: Readonly<Record<Kind, readonly number[]>> = {
  findings: [],
  crash: [],
  limit: [],
  remote: [minute, 5 * minute, 25 * minute],
  registry: [minute, 5 * minute, 25 * minute],
  disk: [5 * minute, 25 * minute],
  timeout: [5 * minute],
  tool_missing: [60 * minute],
  no_branch: [],
  runner: [],
  sandbox: [],
  coverage: [],
};

/** The pause before the next try of a job that was tried again so often, in ms; null when it is given up. */
export const pauseBefore = (kind: Kind, retry: number): number | null => pauses[kind][retry] ?? null;

const unreachable =
  /Could not resolve (?:host|proxy)|Temporary failure in name resolution|Name or service not known|no such host|getaddrinfo|\bEAI_AGAIN\b|\bENOTFOUND\b|Network is unreachable|\bENETUNREACH\b|\bETIMEDOUT\b|Connection timed out|i\/o timeout|Connection (?:refused|reset)|\bECONN(?:REFUSED|RESET)\b|TLS handshake timeout|SSL connection timeout|UnknownHostException|: transfer failed for https?:|(?:HTTP|status|error|code)[ :=]{1,3}(?:429|50[234])\b|\b50[234] (?:Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)/i;

/** Lines by which programs that fetch packages and repositories say that they cannot. */
const fetching =
  /^npm (?:error|ERR!)|^npm (?:warn|WARN) audit|audit endpoint returned an error|ERR_PNPM_(?:META_FETCH_FAIL|FETCH|NETWORK)|WARN.{0,40}GET https?:|error.{0,40}trouble with your network|RequestError: |^(?:WARNING|ERROR): .{0,40}(?:Retrying|Could not (?:fetch|install|find)|No matching distribution)|NewConnectionError|HTTPSConnectionPool|spurious network error|failed to (?:download|fetch|get)\b|Updating crates|unable to update registry|warning: spurious|dial tcp|proxyconnect|go: .{0,200}(?:Get|reading) "?https?:|Could not transfer artifact|Could not (?:GET|HEAD|resolve) |curl error|curl: \(|The ".{0,300}" file could not be downloaded|Could not reach host|Could not fetch specs|Bundler::HTTPError|Gem::RemoteFetcher|NU1301|Unable to load the service index|fatal: unable to access|Failed to fetch |Err:\d+ https?:|uv.{0,20}error|error sending request for url|^Downloading https?:.{1,300}\/gradle-[\w.-]+\.zip|org\.gradle\.wrapper\.|^Error: Failed to (?:download|fetch) https?:/i;

/** A service of advisories that answers with an error, whatever is said of the project: what it knows is not told. */
const noAdvisories =
  /audit endpoint returned an error|npm (?:warn|WARN|error|ERR!) audit (?:40[0458]|429|5\d\d) |"statusCode": ?(?:40[0458]|429|5\d\d)\b|ERR_PNPM_AUDIT_(?:BAD_RESPONSE|ENDPOINT_NOT_EXISTS)|audit endpoint \(?at .{1,300} responded with (?:40[0458]|429|5\d\d)|Request failed \\?"(?:40[0458]|429|5\d\d) |HTTPError: (?:429|5\d\d) (?:Server|Client) Error|vulnerabilit.{0,200}unexpected status:? ?(?:429|5\d\d)|couldn't fetch advisory database/;

const full = /No space left on device|\bENOSPC\b|Disk quota exceeded|\bEDQUOT\b|database or disk is full/;

/**
 * Lines by which version managers, package managers and compilers say that the version that a project asks for is not
 * there: rustup, pyenv and its kin, asdf, uv, pip, go, npm, pnpm, yarn, Bundler, Composer, javac, Gradle, .NET.
 */
const otherVersion =
  /^error: toolchain '.{1,80}' is not installed|^error: '.{1,60}' is not installed for the toolchain|^error: could not (?:download nonexistent rust version|install toolchain)|^(?:pyenv|rbenv|nodenv|jenv|goenv): (?:version .{1,60} is not installed|.{1,60}: command not found)|^No version is set for command |^error: No (?:interpreter found for|download found for request)|^ERROR: Package .{1,100} requires a different Python|^go: (?:go\.mod|module .{1,200}) requires go >= |^go: download go[\d.]+ for .{1,60}: toolchain not available|npm (?:error|ERR!) (?:code EBADENGINE|engine Unsupported engine)|ERR_PNPM_(?:UNSUPPORTED_ENGINE|BAD_PM_VERSION)|The engine "node" is incompatible with this module|This project's package\.json defines "packageManager"|^Your Ruby version is .{1,40}, but your Gemfile specified|Your Composer dependencies require a PHP version|requires php .{1,60} but your php version|^error: (?:release version \d+ not supported|invalid (?:source|target) release: )|^\[ERROR\].{0,200}(?:release version \d+ not supported|invalid target release: )|UnsupportedClassVersionError|No matching toolchains found for requested specification|Cannot find a Java installation on your machine|NETSDK1045|A compatible \.NET SDK was not found/;

/** Why a run failed: its code, its tool, or what is around both. */
export function causeOf({ reason, detail, exitCode, lastLines, isExplained, retry }: FailedRun): RunFailure {
  const environment = (kind: Kind, words: string | null) => failure('environment', kind, words ?? detail);
  switch (reason) {
    case 'exited':
      break;
    case 'workspace_failed':
      if (/ has no (?:branch|commit) /.test(detail ?? '')) return environment('no_branch', detail);
      if (full.test(detail ?? '')) return environment('disk', detail);
      // What went wrong with our own copy is not to be looked for at the remote.
      return environment(/^The farm's copy |^internal error/.test(detail ?? '') ? 'runner' : 'remote', detail);
    case 'remote_unavailable':
      return environment('remote', detail);
    case 'timeout':
      // Once may be a machine that is busy; twice is a recipe that does not end.
      return retry < pauses.timeout.length ? environment('timeout', detail) : failure('tool', 'timeout', detail);
    case 'orphaned':
    case 'runner_lost':
      return environment('runner', detail);
    case 'sandbox_missing':
      return environment('sandbox', detail);
    case 'log_limit':
    case 'limit_exceeded':
      return failure('code', 'limit', detail);
    default:
      return environment('remote', detail);
  }
  const lines = lastLines.split('\n');
  const noRoom = lines.findLast((line) => full.test(line));
  if (noRoom !== undefined) return environment('disk', noRoom);
  if (isExplained) return failure('code', 'findings', null);
  const version = lines.findLast((line) => otherVersion.test(line));
  if (version !== undefined) return environment('tool_missing', version);
  const missing = exitCode === 127 ? lines.findLast((line) => /not found/.test(line)) : undefined;
  if (exitCode === 127) return environment('tool_missing', missing ?? 'a command was not found');
  const away = lines.findLast((line, at) => unreachable.test(line) && isFetching(lines, at));
  const refused = lines.findLast((line) => noAdvisories.test(line));
  if (refused !== undefined) return environment('registry', refused);
  if (away !== undefined) return environment('registry', away);
  return failure('tool', 'crash', lines.findLast((line) => line.trim() !== '') ?? null);
}

/** The line itself or one near it is of a program that fetches: a test that connects to nothing is not. */
function isFetching(lines: readonly string[], at: number): boolean {
  return lines.slice(Math.max(0, at - 6), at + 7).some((line) => fetching.test(line));
}

function failure(cause: RunFailure['cause'], kind: Kind, words: string | null): RunFailure {
  const plain = (words ?? '').replace(/\x1b\[[0-9;]*[A-Za-z]|[\x00-\x1f\x7f]/g, ' ').trim();
  return { cause, kind, detail: plain === '' ? null : plain.slice(0, 512) };
}
