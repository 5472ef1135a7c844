import type { Run } from '../define.ts';
import type { Place } from './stack-frame.ts';

/** `at A.B.C(Int32 x) in /a/b.cs:line 12`; Microsoft.Testing.Platform leaves out the word `line`. */
const frame = /^\s{0,20}at (\S.{0,1000}?) in (\S.{0,1000}):(?:line )?(\d{1,7})$/;

/** Whether a line belongs to a stack trace. */
export function isDotnetFrame(line: string): boolean {
  return /^\s{0,20}(?:at \S.{0,2000}\)(?: in .{0,1000})?$|--- End of )/.test(line);
}

/** The first frame in the repository. A deterministic build calls its root `/_/`. */
export function dotnetPlace(lines: readonly string[], run: Run): Place | null {
  for (const line of lines) {
    const at = frame.exec(line.slice(0, 2500));
    if (at === null) continue;
    const file = (at[2] ?? '').replace(/^\/_\//, `${run.context.roots[0] ?? ''}/`);
    if (run.path(file) !== null) return { file, line: Number(at[3]), column: null };
  }
  return null;
}

/** A test's name with its class in front, where only a stack trace names that (MSTest and NUnit print the method alone). */
export function dotnetTestName(name: string, lines: readonly string[]): string {
  const method = /^([A-Za-z_]\w{0,300})(?=$|[\s(])/.exec(name)?.[1];
  if (method === undefined) return name;
  for (const line of lines) {
    const at = /^\s{0,20}at ([\w.+`]{1,500})\.([\w<>]{1,300})(?:\.MoveNext)?\(/.exec(line.slice(0, 2500));
    if (at?.[2] === method) return `${at[1]}.${name}`;
    // An async test runs in a class of its own: `Class.<Method>d__3.MoveNext()`.
    const inner = /^\s{0,20}at ([\w.+`]{1,500})\.<(\w{1,300})>d__\d{1,6}\.MoveNext\(/.exec(line.slice(0, 2500));
    if (inner?.[2] === method) return `${inner[1]}.${name}`;
  }
  return name;
}
