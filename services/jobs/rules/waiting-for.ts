/** The labels that a job needs and a runner does not have. */
export function missingLabels(needs: readonly string[] = [], labels: ReadonlySet<string>): string[] {
  return needs.filter((need) => !labels.has(need));
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
