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

/** Whether an element is an object that passes; an empty list does not say what it is. */
export function listWith(value: unknown, test: (item: Fields) => boolean): boolean {
  return Array.isArray(value) && value.some((item) => isFields(item) && test(item));
}

/** A plain value as text; an object could bring a `toString` that is none. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

const fileKey =
  /^(?:file|files|filename|file_?name|file_?path|path|uri|url|package|package_?name|module|location|target)$/i;
const wordKey =
  /^(?:message|msg|text|description|title|issue_text|severity|level|line|line_?number|start_?line|row|rule|rule_?id|code|check|vulnerabilit(?:y|ies)|advisor(?:y|ies)|errors|results|diagnostics|status)$/i;
const mostLooked = 200;

/** Whether somewhere near its top an object names a file or package and says something about it. */
export function looksLikeReport(value: unknown): boolean {
  let looked = 0;
  const look = (one: unknown, depth: number): boolean => {
    looked += 1;
    if (looked > mostLooked || depth > 5 || typeof one !== 'object' || one === null) return false;
    if (Array.isArray(one)) return one.slice(0, 5).some((item) => look(item, depth + 1));
    const keys = Object.keys(one);
    const words = keys.filter((key) => wordKey.test(key)).length;
    if (keys.some((key) => fileKey.test(key)) && words >= 2) return true;
    return Object.values(one)
      .slice(0, 20)
      .some((item) => look(item, depth + 1));
  };
  return look(value, 0);
}
