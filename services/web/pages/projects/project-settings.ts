import { useMemo, useState } from 'preact/hooks';
import { lineDiff, onlyChanges } from '../../rules/line-diff.ts';
import { ask } from '../../state/api-call.ts';
import { useAnswer } from '../../state/ask-query.ts';
import { useOffered } from '../../state/calls.ts';
import type { Project } from '../../state/documents.ts';
import { at } from '../../state/place.ts';
import { may, me } from '../../state/session.ts';
import { Section } from '../../ui/controls.ts';
import { Dialog } from '../../ui/dialog.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered } from '../../ui/messages.ts';
import { type FieldSchema, SchemaForm } from '../../ui/schema-form.ts';
import { say, trying } from '../../ui/toasts.ts';

type Doc = Readonly<Record<string, unknown>>;
/** What the farm adds to a document, and what no form changes. */
const facts = ['owner', 'has_credential', 'forge_access', 'recipes_from', 'created_at', 'updated_at'];
const skipped = ['name', 'subprojects'];

type OpenApi = { readonly components: { readonly schemas: Readonly<Record<string, FieldSchema>> } };

/** The document of a project: a form made from the schema of the API, the raw text beside it, and the difference before saving. */
export function ProjectSettings({ project, reload }: { project: Project; reload: () => void }): Drawn {
  const stored = useMemo(
    () => Object.fromEntries(Object.entries(project).filter(([name]) => !facts.includes(name))),
    [project],
  );
  const before = JSON.stringify(stored, null, 2);
  const [text, setText] = useState(before);
  const [isSaving, setSaving] = useState(false);
  const [warnings, setWarnings] = useState<readonly { path: string; message: string }[]>([]);
  const description = useAnswer<OpenApi>('/openapi.json');
  const [doc, fault] = parsed(text);
  const path = `/projects/${encodeURIComponent(project.name)}`;
  const isChanged = fault === null && JSON.stringify(doc) !== JSON.stringify(stored);
  const mayWrite = may('write') && at.value === null;
  useOffered([{ says: 'Save the settings', method: 'PUT', path, body: doc ?? {} }]);
  const save = async () => {
    setSaving(false);
    await trying(async () => {
      const answer = await ask<{ warnings?: readonly { path: string; message: string }[] }>('PUT', path, doc);
      setWarnings(answer.warnings ?? []);
      say('Saved', {
        undo: () =>
          void trying(async () => {
            await ask('PUT', path, stored);
            setText(before);
            say('As it was');
            reload();
          }),
      });
      reload();
    });
  };
  return html`${warnings.length > 0 && html`<div class="notice warn panel"><strong>Saved. Look at these:</strong><ul>${warnings.map((one) => html`<li><code>${one.path}</code> ${one.message}</li>`)}</ul></div>`}
    <div class="row wrap filters"><button type="button" class="primary" disabled=${!mayWrite || !isChanged} onClick=${() => setSaving(true)}>Look at the difference and save</button><button type="button" disabled=${text === before} onClick=${() => setText(before)}>Take back</button>${fault && html`<span class="bad-text" role="alert">${fault}</span>`}</div>
    <div class="halves"><${Section} title="Form"><div class="pad"><${Answered} answer=${description}>${(
      api: OpenApi,
    ) => {
      const schema = api.components.schemas['ProjectInput'];
      return doc && schema
        ? html`<p class="small muted">Times of its schedule are meant in <strong>${zoneOf(doc)}</strong>; yours is ${ownZone}.</p><${SchemaForm} schema=${schema} value=${doc} skip=${skipped} change=${(next: Doc) => setText(JSON.stringify(next, null, 2))} />`
        : html`<p class="muted">The text beside is no JSON; the form comes back when it is.</p>`;
    }}<//></div><//>
    <${Section} title="Raw document"><div class="pad"><textarea class="mono raw-document" spellcheck=${false} aria-label="Raw document" rows="30" value=${text} onInput=${(event: Event) => setText((event.target as HTMLTextAreaElement).value)}></textarea></div><//></div>
    ${
      isSaving &&
      html`<${Dialog} title="Save these changes?" close=${() => setSaving(false)} wide>
      <div class="code diff" tabindex="0" role="region" aria-label="Difference">${onlyChanges(lineDiff(before, JSON.stringify(doc, null, 2))).map((line) => html`<div class=${`code-line ${line.kind}`}><span class="mark">${{ added: '+', removed: '−', same: ' ', note: '' }[line.kind]}</span><span class="text">${line.text}</span></div>`)}</div>
      <footer class="row end"><button type="button" onClick=${() => setSaving(false)}>Cancel</button><button type="button" class="primary" onClick=${save}>Save</button></footer><//>`
    }`;
}

/** IANA. */
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** In which the times of a schedule are meant: that of the document, or the farm's. */
function zoneOf({ schedule }: Doc): string {
  const own = typeof schedule === 'object' && schedule !== null ? (schedule as Doc)['timezone'] : undefined;
  return typeof own === 'string' && own !== '' ? own : (me.value?.farm.time_zone ?? 'UTC');
}

function parsed(text: string): [Doc | null, string | null] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return [value as Doc, null];
    return [null, 'The document is to be an object: { … }.'];
  } catch (error) {
    return [null, `This is no JSON: ${error instanceof Error ? error.message : ''}`];
  }
}
