const escaped = /[.+?^$()|[\]\\]/g;

/** Each of `{a,b}` written out. */
export function spelled(name: string): string[] {
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

/** Whether a path is one of those that are meant. */
export type PathPattern = { test(path: string): boolean };

/** Of ASCII alone: what else is called upper case turns into other letters, or more of them. */
const lower = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/**
 * Paths that end in one of these names, in any folder. Names may hold `*` (up to 200 characters of a name), `**` (over
 * folders) and `{a,b}`; case does not count. Null for no names.
 */
export function fileNames(names: readonly string[]): PathPattern | null {
  const all = [...new Set(names.flatMap(spelled).map(lower))];
  if (all.length === 0) return null;
  const whole = new Set(all.filter((name) => !name.includes('*')));
  const globs = all.filter((name) => name.includes('*')).map(globPattern);
  return {
    test(path) {
      const at = lower(path);
      for (let from = 0; ; ) {
        if (whole.has(at.slice(from))) return true;
        const folder = at.indexOf('/', from);
        if (folder < 0) break;
        from = folder + 1;
      }
      return globs.some((glob) => glob.test(at));
    },
  };
}

/** One expression for the names of all tools takes longer to compile than a patch to be judged. */
function globPattern(name: string): PathPattern {
  const part = name.split('*').reduce((longest, one) => (one.length > longest.length ? one : longest));
  let pattern: RegExp | undefined;
  return {
    test(path) {
      if (!path.includes(part)) return false;
      pattern ??= new RegExp(`(?:^|/)${source(name)}$`);
      return pattern.test(path);
    },
  };
}
