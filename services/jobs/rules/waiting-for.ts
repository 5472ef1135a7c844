/** The labels that a job needs and a runner does not have. */
export function missingLabels(needs: readonly string[] = [], labels: ReadonlySet<string>): string[] {
  return needs.filter((need) => !labels.has(need));
}

/** Why an agent does not begin where runners are: it needs the sandbox, the log and the gateway of the service. */
const noneForAgents =
  'no runner may hold an agent: that works on a runner of the service itself with the sandbox bwrap, and on none with a credential of its own';

type Runner = { readonly labels: readonly string[]; readonly sandbox?: string | null; readonly claims?: boolean };

/** The same for the job of a bottle. */
export function agentWaitingFor(needs: readonly string[] = [], runners: readonly Runner[]): string | null {
  const able = runners.filter(({ sandbox, claims }) => sandbox === 'bwrap' && claims !== true);
  return runners.length > 0 && able.length === 0 ? noneForAgents : waitingFor(needs, able);
}

/** Why a queued job does not begin, as words, or null when some runner could take it. */
export function waitingFor(needs: readonly string[] = [], runners: readonly { labels: readonly string[] }[]) {
  if (runners.length === 0) return 'no runner is there';
  const lacking = runners.map(({ labels }) => missingLabels(needs, new Set(labels)));
  if (lacking.some((missing) => missing.length === 0)) return null;
  const everywhere = needs.filter((need) => lacking.every((missing) => missing.includes(need)));
  return everywhere.length > 0
    ? `no runner has ${everywhere.join(', ')}`
    : `no runner has all of ${needs.join(', ')} together`;
}
