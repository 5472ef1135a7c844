import type { Machine, Parser, Run, Taken } from './define.ts';
import { javascriptFrame, raisedAt } from './engine/stack-frame.ts';

const failed = /^ {2}[\u2718\u2716\u00d7] \[fail\]: (\S.{0,1000})$/;
const sum =
  /^ {2}(\d{1,7}) (tests? passed|tests? failed|known failures?|tests? skipped|tests? todo|uncaught exceptions?|unhandled rejections?|hooks? failed)$/;
const place = /^ {2}(\S.{0,500}\.[cm]?[jt]sx?):(\d{1,7})$/;
const lost =
  /^ {2}[\u2718\u2716\u00d7] (?:No tests found in (\S.{0,500})|(\S.{0,500}?) exited (?:with|due to)|(\S.{0,500}?) timed out)/;
const uncaught = /^ {2}(?:Uncaught exception|Unhandled rejection) in (\S.{0,500})$/;
const maxTests = 5000;
const maxLines = 120;

type Block = { title: string; file: string | null; lines: string[] };

/** `ava`: its list of failing tests and what it says of each, from one rule to the other. */
export const ava: Parser = {
  name: 'ava',
  recipes: ['test'],
  cues: [
    ' [fail]: ',
    ' passed',
    ' failed',
    ' exited with a non',
    ' exited due to',
    'No tests found in ',
    'Uncaught exception in ',
    'Unhandled rejection in ',
    ' uncaught exception',
    'find any files to test',
    ' configuration ',
    ' timed out',
  ],
  start,
};

function start(run: Run): Machine {
  let seen = run.runs();
  const names = new Set<string>();
  const blocks: Block[] = [];
  let block: Block | null = null;
  let inBlocks = false;
  let blanks = 0;
  const counts = new Map<string, number>();
  let exception: Block | null = null;
  return {
    line(line) {
      const name = failed.exec(line)?.[1];
      if (name !== undefined) {
        seen = true;
        exception = null;
        if (names.size < maxTests) names.add(name);
        return 'more';
      }
      const counted = sum.exec(line);
      if (counted !== null && (seen || /^ {2}\d+ tests? passed$/.test(line))) {
        inBlocks = false;
        block = null;
        seen = true;
        counts.set((counted[2] ?? '').replace(/s\b/, ''), Number(counted[1]));
        run.saw();
        return 'yes';
      }
      if (line === '  \u2500') {
        inBlocks = seen && !inBlocks;
        block = null;
        blanks = 2;
        return inBlocks ? 'more' : 'no';
      }
      return outside(line);
    },
    end(exit) {
      if (!seen) return false;
      tell();
      const early = exit.exitCode !== 0 && /(?:^|\s)--fail-fast\b/.test(run.context.command);
      return !early && counts.size > 0 && !counts.has('hook failed');
    },
  };

  function outside(line: string): Taken {
    const thrown = uncaught.exec(line)?.[1];
    if (thrown !== undefined) {
      seen = true;
      exception = { title: thrown, file: thrown, lines: [] };
      if (blocks.length < maxTests) blocks.push(exception);
      return 'more';
    }
    const [, none, exited, late] = lost.exec(line) ?? [];
    const gone = none ?? exited ?? late;
    if (gone !== undefined && (seen || none !== undefined)) {
      seen = true;
      exception = null;
      if (!blocks.some((one) => one.title === gone))
        blocks.push({ title: gone, file: gone, lines: [line.trim().slice(2)] });
      return 'more';
    }
    if (exception !== null) {
      if (exception.lines.length < maxLines) exception.lines.push(line.slice(0, 2000));
      return 'more';
    }
    if (inBlocks) return inside(line);
    if (
      !run.runs() ||
      !/^ {2}[\u2718\u2716\u00d7] (?:Couldn.t find any files|The .{1,100} configuration|Unexpected)/.test(line)
    )
      return 'no';
    run.crashed(line.trim().slice(2, 1000));
    return 'yes';
  }

  /** A block begins after more than one blank line. */
  function inside(line: string): Taken {
    if (line.trim() === '') {
      blanks += 1;
      block?.lines.push('');
      return 'more';
    }
    if (blanks > 1 && /^ {2}\S/.test(line)) {
      block = { title: line.trim().slice(0, 1000), file: null, lines: [] };
      if (blocks.length < maxTests) blocks.push(block);
    } else if (block !== null && block.lines.length < maxLines) {
      if (block.file === null) block.file = place.exec(line)?.[1] ?? null;
      block.lines.push(line.slice(0, 2000));
    }
    blanks = 0;
    return 'more';
  }

  function tell() {
    const known = [...new Set(blocks.flatMap((one) => one.file ?? []))];
    for (const { title, file, lines } of blocks) {
      const own = raisedAt(
        lines.map((line) => line.replace(/^ {2}\u203a (?:file:\/\/)?/, 'at ')),
        javascriptFrame,
        run,
      );
      const said = lines.map((line) => place.exec(line)).find((at) => at !== null);
      const path = own?.file ?? said?.[1] ?? file ?? known.find((one) => nameOf(title, one) !== title) ?? null;
      const words = lines
        .filter((line) => !/^ {1,6}\d{1,6}: |^ {2}\S.{0,500}\.[cm]?[jt]sx?:\d{1,7}$/.test(line))
        .map((line) => line.trim());
      const end = words.findIndex((line) => /^(?:at |\u203a )/.test(line));
      const message = [
        ...new Set(words.slice(0, end === -1 ? 12 : Math.min(end, 12)).filter((line) => line !== '')),
      ].join(' ');
      run.report({
        kind: 'test_fail',
        severity: 'error',
        code: nameOf(title, path),
        file: path,
        line: own?.line ?? (said === undefined || said === null ? null : Number(said[2])),
        column: own?.column ?? null,
        message: message || 'failed',
        raw: [title, ...lines].join('\n').slice(0, 8000),
      });
    }
    const count = (name: string) => counts.get(name) ?? 0;
    const broken = blocks.filter(({ title, file }) => title === file).length;
    if (counts.size > 0)
      run.counted({
        passed: count('test passed') + count('known failure'),
        failed: count('test failed'),
        skipped: count('test skipped') + count('test todo'),
        errors: broken,
      });
  }
}

/** With several files a title begins with the name of its own; with one it does not. */
function nameOf(title: string, file: string | null): string {
  const stem = (file ?? '').replace(/^.*\//, '').replace(/(?:[._-](?:test|spec))?\.[cm]?[jt]sx?$/, '');
  const head = title.slice(0, title.indexOf(' \u203a ')).replace(/^.* \u203a /, '');
  return stem !== '' && (head === stem || head.endsWith(`/${stem}`)) ? title.slice(head.length + 3) : title;
}
