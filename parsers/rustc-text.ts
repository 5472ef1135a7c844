import type { Machine, Parser, Run } from './define.ts';

const header = /^(error|warning)(?:\[(E\d{4})\])?: (.*)$/;
const place = /^ *--> (.+?):(\d{1,7}):(\d{1,7})$/;
const maxBlock = 200;

type Block = { level: string; code: string | null; text: string };

/** What cargo and clippy print for people: a headline, ` --> file:line:column`, an excerpt and notes up to a blank line. */
export const rustcText: Parser = {
  name: 'rustc-text',
  tool: 'rustc',
  languages: ['rust'],
  recipes: ['build', 'lint', 'test'],
  programs: ['cargo build', 'cargo check', 'cargo clippy', 'cargo test', 'rustc'],
  cues: ['error', 'warning', '--> ', ' Finished '],
  errorsOnly: true,
  start,
};

function start(run: Run): Machine {
  let head: Block | null = null;
  let body: string[] = [];
  let at: RegExpExecArray | null = null;
  let finished = false;
  let failed = false;

  const flush = () => {
    if (head === null || at === null) return;
    const text = body.join('\n');
    // Named in a note, but only the first time that a lint fires; clippy links its lints every time.
    const named =
      /rust-clippy\/\S*?#(\w{1,80})/.exec(text)?.[1] ??
      /`(?:#\[(?:warn|deny|forbid)\(|-[DW] )clippy::(\w{1,80})/.exec(text)?.[1] ??
      null;
    const lint =
      /`#\[(?:warn|deny|forbid)\((\w{1,80})\)\]` (?:\(part of [^)]{1,80}\)\]`\) )?(?:on by default|implied by)/.exec(
        text,
      )?.[1] ?? null;
    const code = named === null ? (head.code ?? lint) : `clippy::${named}`;
    const help = /(?:^|\n)(?:help| {0,40}= help): (?!for further)([^\n]{1,1000})/.exec(text)?.[1] ?? null;
    run.report(
      {
        kind: 'lint',
        severity: head.level === 'error' ? 'error' : 'warn',
        tool: named === null ? 'rustc' : 'clippy',
        tool_severity: head.level,
        code,
        file: at[1] ?? null,
        line: Number(at[2]),
        column: Number(at[3]),
        message: head.text,
        suggested_fix: help?.replace(/:$/, '') ?? null,
        raw: `${head.level}: ${head.text}\n${text}`,
      },
      'workspace',
    );
    if (head.level === 'error') failed = true;
    head = null;
    at = null;
    body = [];
  };

  return {
    line(line) {
      if (at !== null) {
        if (/^(?:\s|\d+ |\.\.\.|help: |note: )/.test(line)) {
          if (body.length < maxBlock) body.push(line.slice(0, 2000));
          return 'more';
        }
        flush();
        if (line === '') return 'yes';
      }
      if (/^ +Finished [`dtrb]/.test(line)) {
        finished = true;
        run.saw();
        if (run.runs('cargo clippy')) run.saw('clippy');
        return 'yes';
      }
      if (/^error: could not compile /.test(line)) failed = true;
      const found = header.exec(line);
      if (found !== null) {
        head = { level: found[1] ?? '', code: found[2] ?? null, text: found[3] ?? '' };
        // Many tools write such a line: it is rustc's once the place follows.
        return 'no';
      }
      const where = head === null ? null : place.exec(line);
      if (where === null) return 'no';
      at = where;
      body = [line];
      return 'more';
    },
    end(exit) {
      flush();
      return finished && !failed && exit.exitCode !== null;
    },
  };
}
