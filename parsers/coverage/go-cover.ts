import { wholeLines } from '../engine/whole-lines.ts';
import type { CoverageFormat } from './define.ts';

const block = /^(.{1,2000}):(\d{1,9})\.(\d{1,9}),(\d{1,9})\.(\d{1,9}) (\d{1,9}) (\d{1,20})$/;
const mostBlocks = 2_000_000;

/**
 * Go's cover profile: blocks of statements, named by import path. With `-coverpkg` a block stands there once for each
 * package that was tested: it ran when one of them ran it, as `go tool cover` counts. Go counts statements, not lines.
 */
export const goCover: CoverageFormat = {
  name: 'go-cover',
  writers: 'go test -coverprofile, go build -cover, ginkgo',
  is: (head) => /^mode: (?:set|count|atomic)\s/.test(head),
  start: (covered) => {
    const files = new Map<string, Map<string, { from: number; to: number; statements: number; ran: boolean }>>();
    let problem: string | null = null;
    let blocks = 0;
    let first = true;
    const text = wholeLines((line) => {
      if (first || line.trim() === '' || problem !== null || /^mode: \w{1,10}$/.test(line)) {
        first = false;
        return;
      }
      const [, path = '', from, fromColumn, to, toColumn, statements, count] = block.exec(line) ?? [];
      if (path === '') {
        problem = `holds a line that is no block: ${line.slice(0, 80)}`;
        return;
      }
      const own = files.get(path) ?? new Map();
      files.set(path, own);
      const key = `${from}.${fromColumn},${to}.${toColumn}`;
      const before = own.get(key);
      if (before === undefined && ++blocks > mostBlocks) problem = `holds more than ${mostBlocks} blocks`;
      const ran = before?.ran === true || count !== '0';
      own.set(key, { from: Number(from), to: Number(to), statements: Number(statements), ran });
    });
    return {
      write: text.write,
      end() {
        text.end();
        if (problem !== null) return problem;
        for (const [path, own] of files) {
          const all = [...own.values()];
          const sum = (some: typeof all) => some.reduce((total, { statements }) => total + statements, 0);
          const statements = { covered: sum(all.filter(({ ran }) => ran)), total: sum(all) };
          covered({ paths: withoutModule(path), lines: linesOf(all), linesOfBlocks: true, sums: { statements } });
        }
        return null;
      },
    };
  },
};

/** A line ran when one of its blocks did. */
function* linesOf(blocks: readonly { from: number; to: number; ran: boolean }[]) {
  for (const { from, to, ran } of blocks)
    for (let line = from; line <= Math.min(to, from + 20_000); line += 1) yield [line, ran] as const;
}

/** An import path begins with the name of a module, which is no folder. */
function withoutModule(path: string): string[] {
  const parts = path.split('/').slice(0, 64);
  return parts.map((_, at) => parts.slice(at).join('/'));
}
