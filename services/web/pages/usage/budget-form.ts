import { useState } from 'preact/hooks';
import { ask } from '../../state/api-call.ts';
import { useAnswer } from '../../state/ask-query.ts';
import { useOffered } from '../../state/calls.ts';
import { at } from '../../state/place.ts';
import { may, me } from '../../state/session.ts';
import { Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { say, trying } from '../../ui/toasts.ts';

const levels: readonly (readonly [level: string, says: string, admin: boolean])[] = [
  ['project', 'a project', false],
  ['agent', 'an agent', false],
  ['owner', 'a team', true],
  ['farm', 'the farm', true],
];

/** Sets a budget; one that is there is changed. */
export function BudgetForm({ done }: { done: () => void }): Drawn {
  const [level, setLevel] = useState('project');
  const projects = useAnswer<{ projects: readonly { name: string }[] }>('/projects?limit=500');
  const isAdmin = me.value?.token.is_admin ?? false;
  useOffered([
    { says: 'Set a budget', method: 'PUT', path: '/budgets', body: { level, of: '…', per: 'day', tokens: 200_000 } },
  ]);
  if (!may('write')) return null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    void trying(async () => {
      await ask('PUT', '/budgets', bodyOf(level, new FormData(form)));
      say('The budget is set');
      form.reset();
      setLevel('project');
      done();
    });
  };
  return html`<${Section} title="Set a budget"><form class="filters pad" onSubmit=${submit}>
    <label class="field inline"><span>Who it is for</span><select name="level" value=${level} onChange=${(event: Event) => setLevel((event.target as HTMLSelectElement).value)}>${levels.filter(([, , admin]) => isAdmin || !admin).map(([word, says]) => html`<option value=${word} selected=${word === level}>${says}</option>`)}</select></label>
    ${(level === 'agent' || level === 'owner') && html`<label class="field inline"><span>${level === 'agent' ? 'Agent' : 'Team'}</span><input name="of" required maxlength="128" /></label>`}
    ${(level === 'project' || level === 'agent') && html`<label class="field inline"><span>Project</span><select name="project" required=${level === 'project' || !isAdmin}>${level === 'agent' && isAdmin && html`<option value="">all projects</option>`}${(projects.data?.projects ?? []).map(({ name }) => html`<option>${name}</option>`)}</select></label>`}
    <label class="field inline"><span>At most</span><input name="limit" type="number" min="0" step="any" required placeholder="200000" /></label>
    <label class="field inline"><span>Counted in</span><select name="unit"><option value="tokens">tokens</option><option value="usd">US dollars</option></select></label>
    <label class="field inline"><span>For each</span><select name="per"><option value="day">day, from midnight UTC</option><option value="month">month, from its first day UTC</option><option value="attempt">single run</option></select></label>
    <label class="field inline"><span>When it is used up</span><select name="policy"><option value="">do what the manifest of the agent says</option><option value="cutoff">cut it off: refuse further requests</option><option value="freeze">freeze it: keep its session, to go on later</option><option value="kill">stop it: end the run</option></select></label>
    <button class="primary" disabled=${at.value !== null}>Set the budget</button><p class="small muted whole-row">For each day or month it is one limit for all runs together; for each single run, what one run may take. Setting it again changes it.</p></form><//>`;
}

function bodyOf(level: string, given: FormData): Record<string, unknown> {
  const word = (name: string) => String(given.get(name) ?? '').trim();
  const [of, project, policy] = [word(level === 'project' ? 'project' : 'of'), word('project'), word('policy')];
  return {
    ...{ level, per: word('per'), [word('unit')]: Number(word('limit')), policy: policy === '' ? null : policy },
    ...(of === '' ? {} : { of }),
    ...(level === 'agent' && project !== '' ? { project } : {}),
  };
}
