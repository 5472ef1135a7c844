import type { Machine, Parser, Run, XmlElement } from './define.ts';
import { child, childrenNamed, childText, markup } from './engine/xml-element.ts';

const said = [
  [/^Invalid (read|write) of size \d/, 'Invalid$1'],
  [/^Conditional jump or move depends on uninitialised/, 'UninitCondition'],
  [/^Use of uninitialised value/, 'UninitValue'],
  [/^Invalid free\(\)/, 'InvalidFree'],
  [/^Mismatched free\(\)/, 'MismatchedFree'],
  [/^Syscall param /, 'SyscallParam'],
  [/^Source and destination overlap/, 'Overlap'],
  [/^Jump to the invalid address/, 'InvalidJump'],
  [/^Possible data race/, 'Race'],
  [/^Thread #\d{1,6}: lock order/, 'LockOrder'],
  [/are definitely lost in loss record/, 'Leak_DefinitelyLost'],
  [/are indirectly lost in loss record/, 'Leak_IndirectlyLost'],
  [/are possibly lost in loss record/, 'Leak_PossiblyLost'],
  [/are still reachable in loss record/, 'Leak_StillReachable'],
  [/^Process terminating with default action of signal/, 'FatalSignal'],
] as const;
const severities: Readonly<Record<string, 'warn' | 'info'>> = {
  Leak_PossiblyLost: 'warn',
  Leak_IndirectlyLost: 'warn',
  Leak_StillReachable: 'info',
};
const maxFrames = 40;

/** valgrind's XML and text. The place is the first frame in the repository; the text names no folders, so none there. */
export const valgrind: Parser = {
  name: 'valgrind',
  recipes: ['test'],
  xml: { roots: ['valgrindoutput'], units: ['error', 'fatal_signal'] },
  cues: ['== '],
  start,
};

function start(run: Run): Machine {
  let begun = 0;
  let ended = 0;
  let fatal = false;
  let open: { code: string; message: string; frames: string[] } | null = null;
  return {
    xml(element, parents) {
      if (parents.length === 0) {
        begun += 1;
        ended += 1;
      } else if (element.name === 'error') error(element);
      else {
        const words = `${childText(element, 'signame') ?? 'signal'}: ${childText(element, 'event') ?? 'the program died'}`;
        report('FatalSignal', words, markup(element), place(child(element, 'stack')));
      }
    },
    line(line) {
      const mine = /^==\d{1,10}== ?(.*)$/.exec(line.slice(0, 4000));
      if (mine === null) {
        // The program's own output may stand between.
        return 'no';
      }
      const words = (mine[1] ?? '').trim();
      if (open !== null && /^(?:at|by) 0x[0-9A-F]{1,16}: /.test(words)) {
        if (open.frames.length < maxFrames) open.frames.push(words);
        return 'more';
      }
      flush();
      if (/^Command: /.test(words)) {
        begun += 1;
        run.saw();
      } else if (/^ERROR SUMMARY: \d{1,9} errors? from/.test(words)) {
        ended += 1;
        run.saw();
      }
      const [, code] = said.find(([pattern]) => pattern.test(words)) ?? [];
      if (code === undefined) return 'yes';
      const kind = code.replace('$1', /read/.test(words) ? 'Read' : 'Write');
      open = { code: kind, message: words, frames: [] };
      return 'more';
    },
    end() {
      flush();
      return begun > 0 && begun <= ended && !fatal;
    },
  };

  function flush() {
    if (open === null) return;
    const { code, message, frames } = open;
    open = null;
    const own = frames.find((frame) => /\([^()]{1,300}:\d{1,7}\)$/.test(frame));
    const [, where, file, line] = /0x[0-9A-F]{1,16}: (.{0,600}\(([^()]{1,300}):(\d{1,7})\))$/.exec(own ?? '') ?? [];
    const at = file?.includes('/') ? { file, line: Number(line) } : null;
    // Numbers of records and bytes change from run to run.
    const steady = message.replace(/ in loss record .*$/, '').replace(/\b0x[0-9A-F]{1,16}\b/g, '0x…');
    report(code, where === undefined ? steady : `${steady} in ${where}`, [message, ...frames].join('\n'), at);
  }

  function error(element: XmlElement) {
    const words = childText(element, 'what') ?? childText(child(element, 'xwhat'), 'text') ?? '';
    const code = childText(element, 'kind') ?? 'Error';
    report(code, words.replace(/ in loss record .*$/, ''), markup(element), place(child(element, 'stack')));
  }

  /** The first frame of the error's own stack that lies in the repository: libc's come before it. */
  function place(stack: XmlElement | undefined) {
    for (const frame of childrenNamed(stack, 'frame')) {
      const [dir, file, line] = [childText(frame, 'dir'), childText(frame, 'file'), childText(frame, 'line')];
      if (file === null || run.path(dir === null ? file : `${dir}/${file}`) === null) continue;
      return { file: dir === null ? file : `${dir}/${file}`, line: Number(line) };
    }
    return null;
  }

  function report(code: string, message: string, raw: string, at: { file: string; line: number } | null) {
    if (code === 'FatalSignal') fatal = true;
    run.report({
      kind: 'lint',
      severity: severities[code] ?? 'error',
      tool_severity: null,
      code,
      message,
      file: at?.file ?? null,
      line: at?.line ?? null,
      raw,
    });
  }
}
