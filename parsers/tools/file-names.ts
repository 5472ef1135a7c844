const escaped = /[.+?^$()|[\]\\]/g;

/** Each of `{a,b}` written out. */
function spelled(name: string): string[] {
  const braces = /^([^{]*)\{([^}]*)\}(.*)$/.exec(name);
  if (braces === null) return [name];
  const [, before = '', choices = '', after = ''] = braces;
  return choices.split(',').flatMap((one) => spelled(`${before}${one}${after}`));
}

function source(name: string): string {
  return name
    .replace(escaped, '\\$&')
    .replace(/\*\*/g, '\0')
    .replace(/\*/g, '[^/]{0,200}')
    .replaceAll('\0', '[\\s\\S]{1,4000}');
}

/**
 * Paths that end in one of these names, in any folder. Names may hold `*` (up to 200 characters of a name), `**` (over
 * folders) and `{a,b}`; case does not count. Null for no names.
 */
export function fileNames(names: readonly string[]): RegExp | null {
  const all = [...new Set(names.flatMap(spelled))].sort();
  return all.length === 0 ? null : new RegExp(`(?:^|/)(?:${all.map(source).join('|')})$`, 'i');
}

/** A path for each of these names, as a repository might have it. */
export function examplePaths(names: readonly string[]): string[] {
  return [...new Set(names.flatMap(spelled))].map((name) => name.replace(/\*\*/g, 'a/b.toml').replace(/\*/g, ''));
}
