import type { Draft, Machine, Parser, Run, Stream, Taken } from './define.ts';
import { placedBlocks } from './engine/placed-block.ts';
import { type PlacedLine, placedLine } from './engine/placed-line.ts';

const mostDoubtful = 2000;
/** Without a word for how grave it is, these tell of something that is wrong. */
const telling =
  /error|fail|fatal|assert|expect|invalid|illegal|undefined|undeclared|unknown|unexpected|unresolved|cannot|can't|missing|not found|no such|denied|syntax|violat|wrong|attempt to|not allowed|requires|\*\*\*/i;
/** What ends like a file may be a machine: `db.example.com:5432: error`. */
const host = /^[^/\\]{1,200}\.(?:com|org|net|io|dev|local|internal|lan|cloud|svc)$/i;
const extension = /\.[A-Za-z][A-Za-z0-9_+]{0,9}$/;

/**
 * Lines that name a place and say what is wrong there, and that no tool's own parser took: those of scripts, of tools that
 * nobody knows here, and of those that print what others print alike. The tool is the program that the command starts.
 *
 * A line with a word such as `error` is a finding. Others are only where the command failed and nothing else says why:
 * lines without such a word, those of a test run (a test may have printed them), and those beside known tools alone.
 */
export const placedLines: Parser = {
  name: 'placed-lines',
  tool: 'generic',
  recipes: ['lint', 'build', 'test', 'audit'],
  last: true,
  cues: [...'0123456789']
    .flatMap((digit) => [`:${digit}`, `(${digit}`, `line ${digit}`, `|${digit}`])
    .concat('::error ', '::warning ', '::notice '),
  start,
};

function start(run: Run): Machine {
  const doubtful: { draft: Draft; hasWord: boolean }[] = [];
  const { recipe } = run.context;
  /** What a known tool prints beside its findings is no finding, unless there are none. */
  const isDoubtful = recipe === 'test' || run.known();
  const blocks = placedBlocks();
  return {
    line(line, stream) {
      const block = blocks.next(line);
      if (block === 'more' && placedLine(line) === null) return 'more';
      if (block !== 'more' && block !== null) return take(block, line, stream);
      return blocks.opens(line) ? 'more' : take(placedLine(line), line, stream);
    },
    end(exit) {
      const own = run.program();
      if (exit.exitCode === 0) {
        if (!run.proved(own)) return false;
        run.saw(own ?? undefined);
        return true;
      }
      if (exit.reason === 'exited' && exit.exitCode !== null && !run.explained())
        for (const { draft, hasWord } of doubtful)
          if (hasWord || recipe === 'lint' || telling.test(draft.message)) run.report(draft);
      return false;
    },
  };

  function take(at: PlacedLine | null, line: string, stream: Stream): Taken {
    if (at === null || !isPlausible(at, stream)) return 'no';
    // It belongs to what stands before it.
    if (at.severity === 'note') return 'yes';
    const draft = draftOf(at, line);
    if (at.severity !== null && !isDoubtful) run.report(draft);
    else if (doubtful.length < mostDoubtful && stream !== 'report')
      doubtful.push({ draft, hasWord: at.severity !== null });
    return 'yes';
  }

  function isPlausible({ file, severity }: PlacedLine, stream: Stream): boolean {
    if (/^\d|^https?$/.test(file) || run.path(file) === null) return false;
    const isFile = run.isFile(file);
    if (isFile === true) return true;
    if (host.test(file) || !extension.test(file)) return false;
    return isFile === null ? true : severity !== null && stream !== 'report';
  }

  function draftOf({ severity, word, code, message, ...place }: PlacedLine, line: string): Draft {
    return {
      kind: 'lint',
      severity: severity === null || severity === 'note' ? 'error' : severity,
      tool: run.program() ?? 'generic',
      tool_severity: word,
      code,
      message,
      ...place,
      raw: line,
    };
  }
}
