import { useEffect, useMemo, useState } from 'preact/hooks';
import { lineDiff, onlyChanges } from '../../rules/line-diff.ts';
import { answerOf } from '../../state/api-call.ts';
import { useAnswer } from '../../state/ask-query.ts';
import { useOffered } from '../../state/calls.ts';
import type { Project } from '../../state/documents.ts';
import { draftOf, keepDraft } from '../../state/drafts.ts';
import { me, whyNot } from '../../state/session.ts';
import { Section } from '../../ui/controls.ts';
import { Dialog } from '../../ui/dialog.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered } from '../../ui/messages.ts';
import { type FieldSchema, SchemaForm } from '../../ui/schema-form.ts';
import { say, trying } from '../../ui/toasts.ts';
import { RenameForm } from './rename-form.ts';

type Doc = Readonly<Record<string, unknown>>;
/** What the farm adds to a document, and what no form changes. */
const facts = ['owner', 'has_credential', 'forge_access', 'recipes_from', 'earlier_names', 'created_at', 'updated_at'];
const skipped = ['name', 'subprojects'];

type OpenApi = { readonly components: { readonly schemas: Readonly<Record<string, FieldSchema>> } };

/** The document of a project: a form made from the schema of the API, the raw text beside it, and the difference before saving. */
export function ProjectSettings({ project, reload }: { project: Project; reload: () => void }): Drawn {
  const stored = useMemo(() => settingsOf(project), [project]);
  const before = JSON.stringify(stored, null, 2);
  const path = `/projects/${encodeURIComponent(project.name)}`;
  const draft = draftOf(path);
  const text = draft?.text ?? before;
  const write = (next: string) => keepDraft(path, next === before ? null : { base: draft?.base ?? before, text: next });
  const [isSaving, setSaving] = useState(false);
  const [warnings, setWarnings] = useState<Warnings>([]);
  const description = useAnswer<OpenApi>('/openapi.json');
  const [doc, fault] = parsed(text);
  const isChanged = fault === null && JSON.stringify(doc) !== JSON.stringify(stored);
  const hindrance = whyNot('write');
  useOffered([{ says: 'Save the settings', method: 'PUT', path, body: doc ?? {} }]);
  useEffect(() => () => sayKept(path, project.name), [path]);
  /** Over this version alone; answers the one that it became. */
  const put = async (next: Doc, version: string | null) => {
    const saved = await answerOf('PUT', path, next, undefined, version === null ? {} : { 'if-match': version });
    const { warnings: said = [] } = (await saved.json()) as { warnings?: Warnings };
    keepDraft(path, null);
    setWarnings(said);
    reload();
    return saved.headers.get('etag');
  };
  const save = async () => {
    setSaving(false);
    await trying(async () => {
      const version = await put(doc ?? {}, await versionSeen(path, before));
      const undo = async () => {
        await put(stored, version);
        say('As it was');
      };
      say('Saved', { undo: () => void trying(undo) });
    });
  };
  return html`<${RenameForm} project=${project} />${warnings.length > 0 && html`<div class="notice warn panel"><strong>Saved. Look at these:</strong><ul>${warnings.map((one) => html`<li><code>${one.path}</code> ${one.message}</li>`)}</ul></div>`}
    ${hindrance !== null && html`<p class="notice info panel">${hindrance}</p>`}
    ${draft !== null && hindrance === null && html`<p class="notice warn panel" role="status">${draft.base === before ? 'These changes are not saved. They are kept while this tab is open.' : 'Somebody else saved other settings since you began. Your changes are not saved: look at the difference, which takes back theirs where you have another value.'}</p>`}
    ${hindrance === null && html`<div class="row wrap filters"><button type="button" class="primary" disabled=${!isChanged} onClick=${() => setSaving(true)}>Look at the difference and save</button><button type="button" disabled=${text === before} onClick=${() => keepDraft(path, null)}>Take back</button>${fault && html`<span class="bad-text" role="alert">${fault}</span>`}</div>`}
    <div class="halves"><${Section} title="Form"><fieldset class="bare-set pad" disabled=${hindrance !== null} aria-label="Settings"><${Answered} answer=${description}>${(
      api: OpenApi,
    ) => {
      const schema = api.components.schemas['ProjectInput'];
      return doc && schema
        ? html`<p class="small muted">Times of its schedule are meant in <strong>${zoneOf(doc)}</strong>; yours is ${ownZone}.</p><${SchemaForm} schema=${schema} value=${doc} skip=${skipped} change=${(next: Doc) => write(JSON.stringify(next, null, 2))} />`
        : html`<p class="muted">The text beside is no JSON; the form comes back when it is.</p>`;
    }}<//></fieldset><//>
    <${Section} title="Raw document"><div class="pad"><textarea class="mono raw-document" spellcheck=${false} aria-label="Raw document" rows="30" readonly=${hindrance !== null} value=${text} onInput=${(event: Event) => write((event.target as HTMLTextAreaElement).value)}></textarea></div><//></div>
    ${
      isSaving &&
      html`<${Dialog} title="Save these changes?" close=${() => setSaving(false)} wide>
      <div class="code diff" tabindex="0" role="region" aria-label="Difference">${onlyChanges(lineDiff(before, JSON.stringify(doc, null, 2))).map((line) => html`<div class=${`code-line ${line.kind}`}><span class="mark">${{ added: '+', removed: '−', same: ' ', note: '' }[line.kind]}</span><span class="text">${line.text}</span></div>`)}</div>
      <footer class="row end"><button type="button" onClick=${() => setSaving(false)}>Cancel</button><button type="button" class="primary" onClick=${save}>Save</button></footer><//>`
    }`;
}

type Warnings = readonly { readonly path: string; readonly message: string }[];

const settingsOf = (project: Doc): Doc =>
  Object.fromEntries(Object.entries(project).filter(([name]) => !facts.includes(name)));

/** Whoever leaves with unsaved changes is told where they are. */
function sayKept(path: string, name: string): void {
  if (draftOf(path))
    say(`The settings of ${name} are not saved`, { detail: 'Your changes wait on that page while this tab is open.' });
}

/** The version of the settings that the reader sees; one that never was where they are others by now, and the farm says what changed. */
async function versionSeen(path: string, seen: string): Promise<string | null> {
  const now = await answerOf('GET', path);
  const { project } = (await now.json()) as { project: Doc };
  return JSON.stringify(settingsOf(project), null, 2) === seen ? now.headers.get('etag') : '"0"';
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
