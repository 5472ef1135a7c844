import { withoutMarks } from '../../../parsers/engine/text-lines.ts';

const absent =
  /(?:not found|no such file|no module named|not installed|cannot find|can't open|could not find|enoent|is not recognized|not be found|unable to locate)/i;
const wrong =
  /error|fail|fatal|cannot|can't|could not|unable|denied|unrecogni[sz]ed|unknown option|invalid|usage:|traceback|exception|panic|skipp|\*\*\*/i;
const fine = /\b(?:0|no) (?:errors?|failures?|failed|problems?)\b|\b(?:errors?|failures?|failed|skipped)[:=] ?0\b/gi;
const longest = 2000;
const mostAbsent = 50;

/** Listens to a log for signs that a program which scripts start was not there, or did not do its work. */
export function logSigns() {
  const open = new Map<string, string>();
  const missing: string[] = [];
  let trouble = false;
  const line = (text: string) => {
    if (text.length > longest) return;
    const rest = text.replace(fine, '');
    if (absent.test(rest) && missing.length < mostAbsent) missing.push(rest);
    trouble ||= absent.test(rest) || wrong.test(rest);
  };
  return {
    hear(pipe: string, bytes: Uint8Array): void {
      const lines = `${open.get(pipe) ?? ''}${Buffer.from(bytes).toString('utf8')}`.split('\n');
      open.set(pipe, (lines.pop() ?? '').slice(-longest));
      for (const one of lines) line(withoutMarks(one));
    },
    /** Of a tool that these words start. */
    of(programs: readonly string[]): { readonly missing: boolean; readonly trouble: boolean } {
      for (const rest of open.values()) line(withoutMarks(rest));
      open.clear();
      const names = programs.map((one) => one.split(' ')[0] ?? one);
      const isNamed = (said: string) => names.some((name) => said.split(/[^\w.+-]+/).includes(name));
      return { missing: missing.some(isNamed), trouble };
    },
  };
}
