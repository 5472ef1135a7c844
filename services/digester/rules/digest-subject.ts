import { cutText } from '../../floor/text/escape-text.ts';
import { counted } from './digest-plain-words.ts';
import type { Counts, Section } from './digest-section.ts';

/** As many words as are read at a glance, the names of the projects not counted. */
const mostWords = 10;

/** The state in ten words: what is worst first, what was fixed in brackets. */
export function subjectOf(sections: readonly Section[]): string {
  const shown = sections.filter(({ removed }) => !removed);
  return `${namesOf(shown.length > 0 ? shown : sections)}: ${stateOf(shown.map(({ counts }) => counts))}`;
}

function namesOf(sections: readonly Section[]): string {
  const names = sections.map(({ project, called = project }) => cutText(called, 40, '…'));
  return names.length <= 2 ? names.join(', ') : `${names.length} projects`;
}

function stateOf(all: readonly Counts[]): string {
  const sum = (name: keyof Counts) => all.reduce((total, counts) => total + counts[name], 0);
  const parts = [
    holes(sum('critical'), sum('high')),
    some(sum('tests'), 'test newly failing', 'tests newly failing'),
    some(sum('builds'), 'broken build'),
    some(sum('new_findings') - sum('critical') - sum('high') - sum('tests'), 'new finding'),
    some(sum('failed'), 'job failed', 'jobs failed'),
    some(sum('drafted'), 'patch drafted', 'patches drafted'),
    some(sum('unused'), 'run missed', 'runs missed'),
  ].filter((part) => part !== '');
  const fixed = sum('resolved_findings') > 0 ? ` (${sum('resolved_findings').toLocaleString('en')} fixed)` : '';
  if (parts.length === 0) return `nothing new, ${counted(sum('jobs'), 'job')} passed${fixed}`;
  let state = parts[0] ?? '';
  for (const part of parts.slice(1)) {
    if (`${state} ${part}${fixed}`.split(' ').length > mostWords) break;
    state = `${state}, ${part}`;
  }
  return `${state}${fixed}`;
}

/** One figure for both, where both would leave no room for anything else. */
function holes(critical: number, high: number): string {
  if (critical > 0 && high > 0) return counted(critical + high, 'new critical/high CVE');
  return some(critical, 'new critical CVE') || some(high, 'new high CVE');
}

function some(count: number, one: string, many?: string): string {
  return count > 0 ? counted(count, one, many) : '';
}
