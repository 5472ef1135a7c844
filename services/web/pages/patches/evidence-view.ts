import { durationWords } from '../../rules/time-words.ts';
import type { Evidence, Tests } from '../../state/documents.ts';
import { href } from '../../state/place.ts';
import { type Drawn, html } from '../../ui/html.ts';

const tests = (one: Tests | null): string =>
  one ? `${one.passed} passed, ${one.failed} failed, ${one.skipped} skipped` : '–';

/** What the same recipe said before and after, and which cheats were looked for. */
export function EvidenceView({ evidence }: { evidence: Evidence }): Drawn {
  const { proof } = evidence;
  const mutants = proof?.mutants ?? [];
  return html`<div class="scroll-x" tabindex="0" role="region" aria-label="Before and after"><table><thead><tr><th><span class="unseen">Of</span></th><th>Before</th><th>After</th></tr></thead><tbody>
      <tr><th>Job</th><td><a href=${href(`/jobs/${evidence.before_job}`)}>before</a></td><td><a href=${href(`/jobs/${evidence.after_job}`)}>after</a></td></tr>
      <tr><th>Findings</th><td>${evidence.identities_before}</td><td>${evidence.identities_after}</td></tr>
      <tr><th>Ended with</th><td>${evidence.exit_before ?? '–'}</td><td>${evidence.exit_after ?? '–'}</td></tr>
      <tr><th>Tests</th><td>${tests(evidence.tests_before)}</td><td>${tests(evidence.tests_after)}</td></tr>
      <tr><th>Took</th><td>${durationWords(evidence.duration_before_ms)}</td><td>${durationWords(evidence.duration_after_ms)}</td></tr>
    </tbody></table></div>
    <div class="pad"><p class="small muted">Both times: <code>${evidence.command}</code></p></div>
    <ul class="list">${evidence.targets.map((one) => html`<li><span class=${`badge ${one.gone ? 'good' : 'bad'}`}>${one.gone ? '✓ gone' : '✕ still there'}</span><span class="grow"><span class="mono">${one.code ?? ''}</span> <span class="muted mono small">${one.file ?? ''}${one.line === null ? '' : `:${one.line}`}</span></span></li>`)}
      ${evidence.appeared.map((one) => html`<li><span class="badge bad">✕ new</span><span class="grow">${one.message} <span class="muted mono small">${one.file ?? ''}</span></span></li>`)}</ul>
    ${
      proof &&
      html`<div class="pad"><h3>Cheats that were looked for</h3></div><ul class="list">
      <${Check} says="The tests see a change: mutants of the mended lines" done=${mutants.length > 0} detail=${`${mutants.filter(({ end }) => end === 'killed').length} of ${mutants.length} were caught`} />
      <${Check} says="The code does not know that it is tested" done=${proof.disguised !== null} detail=${proof.disguised === false ? 'it behaved differently' : 'it behaved the same'} />
      <${Check} says="It holds again and again" done=${proof.rounds !== null} detail=${proof.rounds ? `failed ${proof.rounds.base_failed} times before, passed ${proof.rounds.passed} times after` : ''} />
      <${Check} says="The tests were really run" done=${proof.tests !== null} detail=${proof.tests ? `${proof.tests.executed} by ${proof.tests.reporter}` : ''} />
      ${proof.not_run.map(({ recipe, why }) => html`<li><span class="badge quiet">not run</span><span class="grow">${recipe}: ${why}</span></li>`)}
      ${proof.notes.map((note) => html`<li><span class="badge info">note</span><span class="grow">${note}</span></li>`)}</ul>
      <div class="pad"><h3>Runs of the proof</h3></div><ul class="list">${proof.runs.map((one) => html`<li><a class="grow" href=${href(`/jobs/${one.job_id}`)}>${one.stage}, ${one.recipe}${one.round > 1 ? `, round ${one.round}` : ''}</a><span class="muted small">ended with ${one.exit_code ?? '–'}, ${durationWords(one.duration_ms)}</span></li>`)}</ul>`
    }`;
}

function Check({ says, done, detail }: { says: string; done: boolean; detail: string }): Drawn {
  return html`<li><span class=${`badge ${done ? 'good' : 'quiet'}`}>${done ? '✓ checked' : 'not asked'}</span><span class="grow">${says}${done && detail && html` <span class="muted small">${detail}</span>`}</span></li>`;
}
