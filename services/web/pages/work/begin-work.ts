import { ask } from '../../state/api-call.ts';
import { useAnswer } from '../../state/ask-query.ts';
import { useOffered } from '../../state/calls.ts';
import { at, navigate } from '../../state/place.ts';
import { may } from '../../state/session.ts';
import { Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { trying } from '../../ui/toasts.ts';

type Named = { readonly name: string; readonly orchestrate?: { readonly agents: readonly string[] } };

/** Begins work on an issue as its label would, for projects that name agents. */
export function BeginWork(): Drawn {
  const { data } = useAnswer<{ projects: readonly Named[] }>('/projects?limit=500');
  const able = (data?.projects ?? []).filter(({ orchestrate }) => (orchestrate?.agents.length ?? 0) > 0);
  useOffered(
    able.slice(0, 1).map(({ name }) => ({
      ...{ says: 'Begin work on an issue', method: 'POST', path: `/projects/${encodeURIComponent(name)}/work` },
      body: { issue: 17, instructions: '…' },
    })),
  );
  if (able.length === 0 || !may('write')) return null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const word = (name: string) => String(given.get(name) ?? '').trim();
    void trying(async () => {
      const { work } = await ask<{ work: { id: string } }>(
        'POST',
        `/projects/${encodeURIComponent(word('project'))}/work`,
        {
          issue: Number(word('issue')),
          ...(word('agent') ? { agent: word('agent') } : {}),
          ...(word('instructions') ? { instructions: word('instructions') } : {}),
          ...(word('tokens') ? { budget_tokens: Number(word('tokens')) } : {}),
        },
      );
      navigate(`/work/${encodeURIComponent(work.id)}`);
    });
  };
  const agents = [...new Set(able.flatMap(({ orchestrate }) => orchestrate?.agents ?? []))];
  return html`<${Section} title="Begin one by hand"><form class="filters pad" onSubmit=${submit}>
    <label class="field inline"><span>Project</span><select name="project">${able.map(({ name }) => html`<option>${name}</option>`)}</select></label>
    <label class="field inline"><span>Issue</span><input name="issue" type="number" min="1" required /></label>
    <label class="field inline"><span>Agent</span><select name="agent"><option value="">the first of the project</option>${agents.map((one) => html`<option>${one}</option>`)}</select></label>
    <label class="field inline"><span>Tokens a turn</span><input name="tokens" type="number" min="1" placeholder="the agent's" /></label>
    <label class="field inline"><span>What you want beside it</span><input name="instructions" maxlength="4096" /></label>
    <button class="primary" disabled=${at.value !== null}>Begin</button></form><//>`;
}
