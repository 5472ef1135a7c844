import { AppError } from '../../floor/app-error.ts';

/** No document of a project is deeper; a patch that is would only use up the stack. */
const deepest = 32;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Applies a JSON merge patch (RFC 7396): null takes a field away, a list is replaced. Throws AppError('invalid'). */
export function mergePatch(target: unknown, patch: unknown, depth = 0): unknown {
  if (!isObject(patch)) return patch;
  if (depth > deepest) throw new AppError('invalid', `/body: is deeper than ${deepest} objects`);
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch))
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value, depth + 1));
  return Object.fromEntries(merged);
}
