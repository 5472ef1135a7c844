import { durationWords } from '../../rules/time-words.ts';
import type { Job } from '../../state/documents.ts';
import { type Drawn, html } from '../../ui/html.ts';

const parts = [
  ['wait_ms', 'waited', 'wait'],
  ['fetch_ms', 'fetched the commit', 'fetch'],
  ['tree_ms', 'made the tree', 'tree'],
  ['install_ms', 'installed', 'install'],
  ['run_ms', 'ran the command', 'run'],
  ['read_ms', 'read the log', 'read'],
] as const;

/** Where the time of a job went, as a bar and in words. */
export function TimingBar({ job }: { job: Job }): Drawn {
  const known = parts.flatMap(([name, says, tone]) => {
    const ms = job.timings[name] ?? (name === 'run_ms' ? job.duration_ms : null);
    return ms === null || ms <= 0 ? [] : [{ says, tone, ms }];
  });
  const all = known.reduce((sum, { ms }) => sum + ms, 0);
  if (all === 0) return null;
  const label = known.map(({ says, ms }) => `${says} ${durationWords(ms)}`).join(', ');
  return html`<div class="bar" role="img" aria-label=${label}>${known.map(({ tone, ms }) => html`<i class=${tone} style=${{ width: `${(ms / all) * 100}%` }}></i>`)}</div>
    <p class="pad legend-row">${known.map(({ says, tone, ms }) => html`<span class="legend"><i class=${`swatch bar-${tone}`}></i>${says} <b>${durationWords(ms)}</b></span>`)}</p>`;
}
