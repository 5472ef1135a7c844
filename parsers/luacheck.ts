import type { Machine, Parser, Run } from './define.ts';

const plain = /^ {0,8}(\S[^:]{0,1023}):(\d{1,7}):(\d{1,7})(?:-\d{1,7})?: (?:\(([EW]\d{3})\) )?([a-z'].*)$/;
const checking =
  /^Checking (\S.{0,1023}?) {1,60}(?:OK|\d{1,6} (?:warning|error)s?|(?:Syntax|I\/O) error|Runtime error)/;
const total = /^Total: \d{1,7} warnings? \/ \d{1,7} errors? in \d{1,7} files?(, couldn't check \d{1,7} files?)?$/;
const codes: readonly (readonly [RegExp, string])[] = [
  [/^setting non-standard global/, 'W111'],
  [/^mutating non-standard global/, 'W112'],
  [/^accessing undefined (?:variable|field of)/, 'W113'],
  [/^setting read-only global/, 'W121'],
  [/^setting read-only field/, 'W122'],
  [/^unused global variable/, 'W131'],
  [/^setting undefined field/, 'W142'],
  [/^accessing undefined field/, 'W143'],
  [/^unused (?:recursive |mutually recursive )?(?:variable|function)/, 'W211'],
  [/^unused (?:argument|variable length argument)/, 'W212'],
  [/^unused loop variable/, 'W213'],
  [/^used variable .{1,200} with unused hint/, 'W214'],
  [/^variable .{1,200} is never set/, 'W221'],
  [/^variable .{1,200} is never accessed/, 'W231'],
  [/^argument .{1,200} is never accessed/, 'W232'],
  [/^loop variable .{1,200} is never accessed/, 'W233'],
  [/^variable .{1,200} is mutated but never accessed/, 'W241'],
  [/^value (?:assigned to|of) (?:variable|field) .{1,200} is (?:unused|overwritten)/, 'W311'],
  [/^value (?:assigned to|of) argument .{1,200} is (?:unused|overwritten)/, 'W312'],
  [/^value (?:assigned to|of) loop variable .{1,200} is (?:unused|overwritten)/, 'W313'],
  [/^value assigned to table field/, 'W314'],
  [/^accessing uninitialized variable/, 'W321'],
  [/^(?:variable|function) .{1,200} was previously defined on/, 'W411'],
  [/ was previously defined as an argument/, 'W412'],
  [/ was previously defined as a loop variable/, 'W413'],
  [/^shadowing definition of (?:variable|function)/, 'W421'],
  [/^shadowing definition of argument/, 'W422'],
  [/^shadowing definition of loop variable/, 'W423'],
  [/^shadowing upvalue (?!argument|loop)/, 'W431'],
  [/^shadowing upvalue argument/, 'W432'],
  [/^shadowing upvalue loop variable/, 'W433'],
  [/^unreachable code/, 'W511'],
  [/^loop is executed at most once/, 'W512'],
  [/^unused label/, 'W521'],
  [/^left-hand side of assignment is too short/, 'W531'],
  [/^left-hand side of assignment is too long/, 'W532'],
  [/^empty do\.\.end block/, 'W541'],
  [/^empty if branch/, 'W542'],
  [/^empty statement/, 'W551'],
  [/^cyclomatic complexity/, 'W561'],
  [/^numeric for loop/, 'W571'],
  [/^line contains only whitespace/, 'W611'],
  [/^line contains trailing whitespace/, 'W612'],
  [/^trailing whitespace in a string/, 'W613'],
  [/^trailing whitespace in a comment/, 'W614'],
  [/^inconsistent indentation/, 'W621'],
  [/^line is too long/, 'W631'],
];
/** Words of messages about code that cannot be read. */
const unreadable = /^(?:expected |unexpected |unfinished |invalid |malformed |cannot use |missing )/;

/** `luacheck`: its default and plain text. Its code, which only `--codes` prints, is known by its words too. */
export const luacheck: Parser = {
  name: 'luacheck',
  recipes: ['lint'],
  quiet: true,
  cues: ['Checking ', 'Total: ', ': (W', ': (E', '.lua:', 'Critical error: ', "couldn't read: "],
  start,
};

function start(run: Run): Machine {
  let found = 0;
  let summed = false;
  let unread = false;
  let seen = run.runs();
  return {
    line(line) {
      const head = checking.exec(line);
      if (head !== null) {
        seen = true;
        run.saw();
        return 'yes';
      }
      const end = total.exec(line);
      if (end !== null && seen) {
        summed = true;
        unread ||= end[1] !== undefined;
        return 'yes';
      }
      const at = plain.exec(line.slice(0, 4000));
      if (at !== null && (seen || at[4] !== undefined)) {
        found += 1;
        const [, file = '', row, column, code, message = ''] = at;
        const broken = code?.startsWith('E') ?? unreadable.test(message);
        unread ||= broken;
        run.report({
          kind: 'lint',
          severity: broken ? 'error' : 'warn',
          code: code ?? codeOf(message) ?? (broken ? 'E011' : null),
          tool_code: code ?? null,
          file,
          line: Number(row),
          column: Number(column),
          message,
          raw: line,
        });
        return 'yes';
      }
      if (!seen || !/^(?:Critical error: | {4}\S.{0,1000}: couldn't read: )/.test(line)) return 'no';
      run.crashed(line.trim().slice(0, 1000));
      return 'yes';
    },
    end: () => !unread && (summed || (found > 0 && run.alone())),
  };
}

/** Its coloured text, which it also writes into files, puts no quotes around names. */
function codeOf(message: string): string | null {
  return codes.find(([words]) => words.test(message))?.[1] ?? null;
}
