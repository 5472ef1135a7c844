/** An object of unknown keys. */
export type Fields = Readonly<Record<string, unknown>>;

const none: Fields = Object.freeze({});

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or one without keys. */
export function fields(value: unknown): Fields {
  return isFields(value) ? value : none;
}

/** The list, or an empty one. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The strings of a list. */
export function texts(value: unknown): string[] {
  return list(value).filter((item) => typeof item === 'string');
}

/** Whether every element is an object that passes; an empty list does not say what it is. */
export function listOf(value: unknown, test: (item: Fields) => boolean): value is readonly Fields[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isFields(item) && test(item));
}

/** A plain value as text; an object could bring a `toString` that is none. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
