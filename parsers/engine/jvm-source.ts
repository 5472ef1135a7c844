/** A frame of a Java stack: the class and method that run, the file's bare name and the line. */
type JvmFrame = { readonly className: string; readonly file: string; readonly line: number };

const frame =
  /^\s{0,40}at (?:[\w.@$-]{1,200}\/{1,2}){0,2}([\w.$]{1,500})\.[\w$<>-]{1,300}\(([\w$-]{1,200}\.(?:java|kt|groovy|scala)):(\d{1,7})\)/;

export function jvmFrame(line: string): JvmFrame | null {
  const at = frame.exec(line.slice(0, 2000));
  return at === null ? null : { className: at[1] ?? '', file: at[2] ?? '', line: Number(at[3]) };
}

/** Whether a frame runs in the class of a test, or in one inside it. */
export function isIn(className: string, outer: string): boolean {
  const own = outer.split('$')[0] ?? outer;
  return className === own || className.startsWith(`${own}$`);
}

/**
 * Where a class of tests lies: stacks name no folders, but its package is one, under the source set that Maven and Gradle
 * share (`src/test/java`). Null when it is not known whose the class is.
 */
export function testSource(module: string | null, className: string, file: string, sourceSet = 'test'): string | null {
  if (module === null) return null;
  const language = { kt: 'kotlin', groovy: 'groovy', scala: 'scala' }[file.split('.').at(-1) ?? ''] ?? 'java';
  const folders = className.split('.').slice(0, -1);
  return [...(module === '' ? [] : [module]), 'src', sourceSet, language, ...folders, file].join('/');
}
