import { type Drawn, html } from './html.ts';

/** A JSON schema, as far as forms are made of it. */
export type FieldSchema = {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly FieldSchema[];
  readonly items?: FieldSchema;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly minimum?: number;
  readonly maximum?: number;
};

type Value = Readonly<Record<string, unknown>>;
type FieldProps = { name: string; schema: FieldSchema; value: unknown; change: (value: unknown) => void };

const words = (name: string) => name.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase());

function choicesOf({ enum: listed, anyOf }: FieldSchema): string[] | null {
  if (listed) return listed.map(String);
  return anyOf?.every((one) => one.const !== undefined) ? anyOf.map((one) => String(one.const)) : null;
}

/** A form of what a schema describes: choices, switches, numbers, words, lists of them, and groups. The rest is for the raw document. */
export function SchemaForm({
  schema,
  value,
  change,
  skip = [],
}: {
  schema: FieldSchema;
  value: Value;
  change: (value: Value) => void;
  skip?: readonly string[];
}): Drawn {
  const set = (name: string, next: unknown) => {
    const { [name]: _, ...rest } = value;
    change(next === undefined ? rest : { ...rest, [name]: next });
  };
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => !skip.includes(name))
    .map(
      ([name, field]) =>
        html`<${Field} key=${name} name=${name} schema=${field} value=${value[name]} change=${(next: unknown) => set(name, next)} />`,
    );
}

function Field({ name, schema, value, change }: FieldProps): Drawn {
  const choices = choicesOf(schema);
  const hint = schema.description && html`<small class="muted">${schema.description}</small>`;
  if (choices)
    return html`<label class="field"><span>${words(name)}</span><select onChange=${(event: Event) => change((event.target as HTMLSelectElement).value || undefined)}><option value="" selected=${value === undefined}>not set</option>${choices.map((one) => html`<option value=${one} selected=${value === one}>${one}</option>`)}</select>${hint}</label>`;
  if (schema.type === 'boolean')
    return html`<label class="row field-switch"><input type="checkbox" checked=${value === true} onChange=${(event: Event) => change((event.target as HTMLInputElement).checked)} /> <span>${words(name)}</span>${hint}</label>`;
  if (schema.type === 'integer' || schema.type === 'number')
    return html`<label class="field"><span>${words(name)}</span><input type="number" value=${value ?? ''} min=${schema.minimum} max=${schema.maximum} onInput=${(event: Event) => numberOf(event, change)} />${hint}</label>`;
  if (schema.type === 'string')
    return html`<label class="field"><span>${words(name)}</span><input value=${value ?? ''} onInput=${(event: Event) => change((event.target as HTMLInputElement).value || undefined)} />${hint}</label>`;
  if (schema.type === 'array')
    return html`<${ListField} name=${name} schema=${schema} value=${value} change=${change} />`;
  if (schema.type === 'object' && schema.properties)
    return html`<fieldset class="group"><legend>${words(name)}</legend>${hint}<${SchemaForm} schema=${schema} value=${(value as Value | undefined) ?? {}} change=${(next: Value) => change(Object.keys(next).length === 0 ? undefined : next)} /></fieldset>`;
  return html`<p class="small muted">${words(name)}: in the raw document.</p>`;
}

function ListField({ name, schema, value, change }: FieldProps): Drawn {
  const list = Array.isArray(value) ? value.map(String) : [];
  const choices = schema.items && choicesOf(schema.items);
  const take = (next: readonly string[]) => change(next.length === 0 ? undefined : next);
  if (choices)
    return html`<fieldset class="group"><legend>${words(name)}</legend><div class="row wrap">${choices.map((one) => html`<label class="row"><input type="checkbox" checked=${list.includes(one)} onChange=${() => take(list.includes(one) ? list.filter((other) => other !== one) : [...list, one])} /> ${one.replaceAll('_', ' ')}</label>`)}</div></fieldset>`;
  if (schema.items?.type !== 'string') return html`<p class="small muted">${words(name)}: in the raw document.</p>`;
  return html`<label class="field"><span>${words(name)} <small>(one a line)</small></span><textarea rows=${Math.max(2, list.length)} onChange=${(
    event: Event,
  ) =>
    take(
      (event.target as HTMLTextAreaElement).value
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    )} value=${list.join('\n')}></textarea></label>`;
}

function numberOf(event: Event, change: (value: unknown) => void): void {
  const { value } = event.target as HTMLInputElement;
  if (value === '') change(undefined);
  else if (Number.isFinite(Number(value))) change(Number(value));
}
