import { ask } from '../../state/api-call.ts';
import { useOffered } from '../../state/calls.ts';
import { at, navigate } from '../../state/place.ts';
import { may } from '../../state/session.ts';
import { Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { say, trying } from '../../ui/toasts.ts';

type Named = { readonly name: string; readonly earlier_names?: readonly string[] };

/** Gives a project another name; the page goes on under that one. */
export function RenameForm({ project }: { project: Named }): Drawn {
  const { name, earlier_names: earlier = [] } = project;
  const path = `/projects/${encodeURIComponent(name)}/rename`;
  useOffered([{ says: 'Rename', method: 'POST', path, body: { to: '…' } }]);
  if (!may('admin')) return null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const to = String(new FormData(event.target as HTMLFormElement).get('to') ?? '').trim();
    void trying(async () => {
      const now = await ask<Named>('POST', path, { to });
      say(`${name} is called ${now.name} now`, { detail: 'Its findings, history and links went with it.' });
      navigate(`/projects/${encodeURIComponent(now.name)}?tab=settings`, { replace: true });
    });
  };
  return html`<${Section} title="Name"><form class="filters pad" onSubmit=${submit}>
    <label class="field inline"><span>Another name for ${name}</span><input name="to" required maxlength="64" pattern="[a-z0-9][a-z0-9._\\-]*" placeholder=${name} /></label>
    <button disabled=${at.value !== null}>Rename</button>
    <span class="small muted">${earlier.length > 0 ? `It was called ${earlier.join(', ')}, which still leads to it.` : 'What is of it stays its own, and the name of now still leads to it.'}</span>
  </form><//>`;
}
