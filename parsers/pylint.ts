import type { Machine, Parser, Run } from './define.ts';
import { type Fields, fields, isFields, list, listWith, numberOf, textOf } from './engine/json-value.ts';

/** `path:line:column: C0114: message (symbol)`. */
const text = /^([^\s:](?:[^:]|:\\){0,1023}):(\d{1,7}):(\d{1,7}): ([CRWEFI]\d{4}): (.*)$/;
/** `path:line: [C0111(symbol), object] message`. */
const parseable =
  /^([^\s:](?:[^:]|:\\){0,1023}):(\d{1,7}): \[([CRWEFI]\d{4})(?:\(([\w-]{1,80})\))?(?:, ([^\]]{0,500}))?\] (.*)$/;
const levels = { C: 'info', R: 'info', I: 'info', W: 'warn', E: 'error', F: 'error' } as const;
const words = { C: 'convention', R: 'refactor', I: 'info', W: 'warning', E: 'error', F: 'fatal' } as const;
type Letter = keyof typeof levels;

/** `pylint` as text, parseable text, `json` and `json2`. The code is the message's id, the tool's code its symbol. */
export const pylint: Parser = {
  name: 'pylint',
  recipes: ['lint'],
  quiet: true,
  json: {
    is: (value) =>
      listWith(value, isMessage) ||
      (isFields(value) &&
        isFields(value.statistics) &&
        (isEmpty(value.messages) || listWith(value.messages, isMessage))),
    cut: ['"symbol": "', '"module": "'],
    elements: true,
  },
  cues: ['Your code has been rated at', 'pylint: error: ', '************* Module '].concat(
    [...'CRWEFI'].flatMap((letter) => [`: ${letter}0`, `: ${letter}1`, `: ${letter}9`, `: [${letter}`]),
  ),
  start,
};

function isMessage(item: Fields): boolean {
  const id = item['message-id'] ?? item.messageId;
  if (typeof id === 'string') return /^[CRWEFI]\d{4}$/.test(id) && ('path' in item || 'symbol' in item);
  return typeof item.symbol === 'string' && 'path' in item && 'module' in item;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function start(run: Run): Machine {
  let documents = 0;
  let rated = false;
  let lines = 0;
  /** A file that cannot be parsed was not looked at. */
  let unread = false;
  const report = (id: string, symbol: string | null, message: string, raw: unknown, place: Place) => {
    lines += 1;
    const letter = id.charAt(0) as Letter;
    if (letter === 'F') {
      run.crashed(message);
      return;
    }
    if (id === 'E0001') unread = true;
    run.report({
      kind: 'lint',
      severity: levels[letter],
      tool_severity: words[letter],
      code: id,
      tool_code: symbol ?? id,
      message,
      ...place,
      raw,
    });
  };
  return {
    json(value) {
      documents += 1;
      for (const item of list(Array.isArray(value) ? value : fields(value).messages).map(fields)) {
        const column = numberOf(item.column);
        const id = textOf(item['message-id']) ?? textOf(item.messageId) ?? '';
        report(id, textOf(item.symbol), textOf(item.message) ?? '', item, {
          file: textOf(item.path),
          line: numberOf(item.line),
          column: column === null ? null : column + 1,
          end_line: numberOf(item.endLine),
        });
      }
    },
    line(line) {
      const found = text.exec(line);
      if (found !== null) {
        const said = found[5] ?? '';
        // Some messages (duplicate-code) go on over further lines, and name their symbol at the end of the last one.
        const symbol = / \(([a-z][a-z0-9-]{1,80})\)$/.exec(said.slice(-90))?.[1] ?? null;
        report(found[4] ?? '', symbol, symbol === null ? said : said.slice(0, -(symbol.length + 3)), line, {
          file: found[1] ?? null,
          line: Number(found[2]),
          column: Number(found[3]) + 1,
        });
        return 'yes';
      }
      const old = parseable.exec(line);
      if (old !== null && (old[4] !== undefined || old[5] !== undefined)) {
        report(old[3] ?? '', old[4] ?? null, old[6] ?? '', line, { file: old[1] ?? null, line: Number(old[2]) });
        return 'yes';
      }
      if (/^Your code has been rated at /.test(line)) rated = true;
      else if (/^pylint: error: /.test(line)) run.crashed(line.slice('pylint: error: '.length));
      else if (!/^\*{13} Module \S/.test(line)) return 'no';
      run.saw();
      return 'yes';
    },
    end: ({ exitCode }) =>
      !unread &&
      // 1 is added where it could not read a file.
      (exitCode ?? 1) % 2 === 0 &&
      (documents > 0 || rated || (lines > 0 && run.alone())),
  };
}

type Place = { file: string | null; line: number | null; column?: number | null; end_line?: number | null };
