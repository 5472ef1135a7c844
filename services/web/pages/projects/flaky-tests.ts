import { countWords } from '../../rules/time-words.ts';
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
    <${Section} title="Failed" aside="each once, with the last commit at which it did"><${Rows} tests=${eachOnce(tests.filter(({ flaky, failures }) => !flaky && failures > 0))} none="No test failed" /><//>`}<//>`;
}

type Shown = Test & { readonly commits?: number };

/** A test that failed at several commits is one line: the newest, which comes first. */
function eachOnce(tests: readonly Test[]): Shown[] {
  const byTest = Map.groupBy(tests, ({ subproject, tool, test }) => JSON.stringify([subproject, tool, test]));
  return [...byTest.values()].flatMap(([newest, ...earlier]) =>
    newest ? [{ ...newest, commits: earlier.length + 1 }] : [],
  );
}

function Rows({ tests, none }: { tests: readonly Shown[]; none: string }): Drawn {
  if (tests.length === 0) return html`<${EmptyState} title=${none} />`;
  return html`<ul class="list">${tests.map((one) => html`<li key=${`${one.test} ${one.sha}`}><a class="grow" href=${href(`/jobs/${one.last_job}`)}><span class="mono">${one.test}</span><div class="small muted">${one.subproject} · ${one.tool} · <span class="mono">${one.sha.slice(0, 8)}</span></div></a><span class="small">${(one.commits ?? 1) > 1 ? `failed at ${one.commits} commits` : `failed in ${one.failures} of ${countWords(one.runs, 'run')}`}</span><span class="small muted"><${Ago} at=${one.last_at} /></span></li>`)}</ul>`;
}
