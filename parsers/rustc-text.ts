import type { Machine, Parser, Run } from './define.ts';
import { detached } from './engine/plain-text.ts';

const header = /^(error|warning)(?:\[(E\d{4})\])?: (.*)$/;
/** Tools of Python print the same shape. */
const place = /^ *--> (.+?(?<!\.(?:pyi?|ipynb))):(\d{1,7}):(\d{1,7})$/;
/** The last words of a crate: no place follows them. */
const sums =
  /^(?:could not compile |aborting due to |`[^`]{1,200}` \([^)]{1,200}\) generated \d|build failed, waiting)/;
const maxBlock = 200;
const maxShapes = 500;

type Block = { level: string; code: string | null; text: string };

/** What cargo and clippy print for people: a headline, ` --> file:line:column`, an excerpt and notes up to a blank line. */
export const rustcText: Parser = {
  name: 'rustc-text',
  tool: 'rustc',
  recipes: ['build', 'lint', 'test'],
  programs: ['cargo build', 'cargo check', 'cargo clippy', 'cargo test', 'rustc'],
  cues: ['error', 'warning', '--> ', ' Finished '],
  errorsOnly: true,
  anyExit: true,
  start,
};

function start(run: Run): Machine {
  let head: Block | null = null;
  let body: string[] = [];
  let at: RegExpExecArray | null = null;
  /** Which lint says so; rustc names it only the first time. */
  const shapes = new Map<string, string>();
  let finished = false;
  let failed = false;

  const flush = () => {
    if (head === null || at === null) return;
    const text = body.join('\n');
    // Named in a note, but only the first time that a lint fires; clippy links its lints every time.
    const named =
      /rust-clippy\/\S*?#(\w{1,80})/.exec(text)?.[1] ??
      /`(?:#\[(?:warn|deny|forbid)\(|-[DWF] )clippy::([\w-]{1,80})/.exec(text)?.[1] ??
      null;
    const lint =
      /`#\[(?:warn|deny|forbid)\((\w{1,80})\)\]` (?:\(part of [^)]{1,80}\)\]`\) )?(?:on by default|implied by)/.exec(
        text,
      )?.[1] ??
      /(?:requested on the command line with )?`-[WDF] ([\w-]{1,80})`(?: implied by|\n|$)/.exec(text)?.[1] ??
      null;
    const shape = head.text.replace(/`[^`]{0,200}`/g, '`').slice(0, 500);
    const own = head.code ?? lint?.replaceAll('-', '_') ?? shapes.get(shape) ?? null;
    if (own !== null && shapes.size < maxShapes) shapes.set(detached(shape), detached(own));
    const code = named === null ? own : `clippy::${named.replaceAll('-', '_')}`;
    // What a macro of another crate expands to is shown there first, and then where it was used.
    const used =
      run.path(at[1] ?? '', 'workspace') === null
        ? /\n *::: ([^\n]{1,1024}?):(\d{1,7}):(\d{1,7})(?=\n|$)/.exec(text)
        : null;
    const spot = used ?? at;
    const help =
      /(?:^|\n)(?:help| {0,40}= help): (?!for further|to override)([^\n]{1,1000})/.exec(text)?.[1] ??
      /\^ help: ([^\n]{1,1000})/.exec(text)?.[1] ??
      null;
    run.report(
      {
        kind: 'lint',
        severity: head.level === 'error' ? 'error' : 'warn',
        tool: named === null ? 'rustc' : 'clippy',
        tool_severity: head.level,
        code,
        file: spot[1] ?? null,
        line: Number(spot[2]),
        column: Number(spot[3]),
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
      if (found !== null && sums.test(found[3] ?? '')) {
        head = null;
        return 'no';
      }
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
    end() {
      flush();
      return finished && !failed;
    },
  };
}
