import { useAnswer } from '../../state/ask-query.ts';
import { href } from '../../state/place.ts';
import { Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';

type Test = {
  readonly test: string;
  readonly tool: string;
  readonly subproject: string;
  readonly sha: string;
  readonly file: string | null;
  readonly runs: number;
  readonly failures: number;
  readonly flaky: boolean;
  readonly retried: number;
  readonly last_job: string;
  readonly last_at: string;
};

/** Tests that passed and failed at one commit, then those that fail. */
export function FlakyTests({ name }: { name: string }): Drawn {
  const answer = useAnswer<{ tests: readonly Test[] }>(`/projects/${encodeURIComponent(name)}/tests`, ['job']);
  return html`<${Answered} answer=${answer}>${({ tests }: { tests: readonly Test[] }) => html`
    <${Section} title="Flaky" aside="passed and failed at the same commit"><${Rows} tests=${tests.filter(({ flaky }) => flaky)} none="No test is flaky" /><//>
    <${Section} title="Failing"><${Rows} tests=${tests.filter(({ flaky, failures }) => !flaky && failures > 0)} none="No test fails" /><//>`}<//>`;
}

function Rows({ tests, none }: { tests: readonly Test[]; none: string }): Drawn {
  if (tests.length === 0) return html`<${EmptyState} title=${none} />`;
  return html`<ul class="list">${tests.map((one) => html`<li key=${`${one.test} ${one.sha}`}><a class="grow" href=${href(`/jobs/${one.last_job}`)}><span class="mono">${one.test}</span><div class="small muted">${one.subproject} · ${one.tool} · <span class="mono">${one.sha.slice(0, 8)}</span></div></a><span class="small">${one.failures} of ${one.runs} failed</span><span class="small muted"><${Ago} at=${one.last_at} /></span></li>`)}</ul>`;
}
