/** A line that says what is wrong at a place, taken apart. */
export type PlacedLine = {
  readonly file: string;
  readonly line: number;
  readonly column: number | null;
  /** Null where no word says it; `note`: it explains another line. */
  readonly severity: 'error' | 'warn' | 'info' | 'note' | null;
  /** That word, as it was printed. */
  readonly word: string | null;
  readonly code: string | null;
  readonly message: string;
};

const words =
  'fatal error|fatal|critical|severe|error|err|warning|warn|note|notice|information|info|hint|help|style|suggestion|remark|convention|refactor';
const leading = new RegExp(`^(?:\\[(${words})\\]|(${words}):) {1,4}(?=\\S)`, 'i');
/** The name of the program, as GNU writes it before the place. */
const program = /^[A-Za-z][\w.+-]{0,60}: (?=\S)/;
const severity = new RegExp(`^[[(]?(${words})\\b[\\])]?(?: {0,2}[:|-]{1,2} {0,4}| {1,4}|$)`, 'i');
const annotation = /^::(error|warning|notice) ([^:]{0,1000}(?::(?!:)[^:]{0,200}){0,4})::(.*)$/;
/** GNU's, Microsoft's, those in words, quoted ones, and vim's list of places. */
const places = [
  /^([^\s:"][^:"]{0,500}):(\d{1,7})(?:[:.](\d{1,7}))?(?:-\d[\d.:]{0,20})?(?::|(?= )) {0,4}(\S.*)$/,
  /^([^\s:("][^:("]{0,500})\((\d{1,7})(?:[,:] ?(\d{1,7}))?(?:[,-][\d,-]{1,30})?\) ?: {0,4}(\S.*)$/,
  /^([^\s:("][^:("]{0,500})\((\d{1,7})(?:, ?(\d{1,7}))?\) ((?:Error|Fatal|Warning|Hint|Note): .*)$/,
  /^([^\s:"][^:"]{0,500}): [Ll]ine (\d{1,7})(?:, [Cc]ol(?:umn)? (\d{1,7}))?[,:]? {1,3}(?:- )?(\S.*)$/,
  /^"([^"]{1,500})", line (\d{1,7})(?:,? col(?:umn)?\.? (\d{1,7}))?: {1,3}(\S.*)$/,
  /^([^\s:|"][^:|"]{0,500})\|(\d{1,7})(?: col (\d{1,7}))?(?:\| | )(\S.*)$/,
];
const drive = /^[A-Za-z]:[\\/]/;
const ownCode = /^([A-Z]{1,8}-?\d{2,6})(?:: {0,3}| {1,3})(?=\S)/;
const ruleBehind = /^(.{1,4000}\S) {1,3}(?:\[([A-Za-z][\w./:@-]{0,80})\]|\(([A-Za-z]\w{0,40}[-/:][\w./:@-]{1,60})\))$/;
/** How many there were is none of them. */
const sum = /^There were \d+ errors? compiling module/;
const longest = 8000;

/** Perl's: the place is behind the words. */
const behind =
  /^(\S.{1,4000}?) at ([^\s"][^"]{0,500}?) line (\d{1,7})(?:\.|, (?:at|near) .{0,400}|, <\w{1,40}> (?:line|chunk) \d{1,9}\.)?$/;

/** Takes a line apart; null for one that names no place at its start, or as Perl does. */
export function placedLine(printed: string): PlacedLine | null {
  const line = printed.slice(0, longest);
  if (line.startsWith('::')) return annotated(line);
  const before = leading.exec(line);
  const rest = before === null ? line : line.slice(before[0].length);
  const word = before?.[1] ?? before?.[2] ?? null;
  const direct = placedText(rest, word);
  if (direct !== null) return direct;
  const named = program.exec(rest);
  return (named === null ? null : placedText(rest.slice(named[0].length), word)) ?? perlLine(line);
}

function perlLine(line: string): PlacedLine | null {
  const at = behind.exec(line);
  if (at === null || !/\.(?:p[lm]|t|cgi|psgi|PL)$/.test(at[2] ?? '')) return null;
  const place = { file: at[2] ?? '', line: Number(at[3]), column: null };
  return { ...place, severity: null, word: null, code: null, message: at[1] ?? '' };
}

function placedText(text: string, before: string | null): PlacedLine | null {
  const letter = drive.test(text) ? text.slice(0, 2) : '';
  for (const form of places) {
    const at = form.exec(text.slice(letter.length));
    if (at === null) continue;
    return told(at[4] ?? '', before, {
      file: letter + (at[1] ?? ''),
      line: Number(at[2]),
      column: at[3] === undefined ? null : Number(at[3]),
    });
  }
  return null;
}

function told(
  text: string,
  before: string | null,
  place: Pick<PlacedLine, 'file' | 'line' | 'column'>,
): PlacedLine | null {
  const said = severity.exec(text);
  const word = said?.[1] ?? before;
  let message = said === null ? text : text.slice(said[0].length);
  const first = ownCode.exec(message);
  if (first !== null) message = message.slice(first[0].length);
  const last = first === null ? ruleBehind.exec(message) : null;
  if (last !== null) message = last[1] ?? '';
  if (message === '' || sum.test(message)) return null;
  const code = first?.[1] ?? last?.[2] ?? last?.[3] ?? null;
  return { ...place, severity: word === null ? null : severityOf(word), word, code, message };
}

/** How grave a word is. */
export function severityOf(word: string): PlacedLine['severity'] {
  if (/^(?:fatal|critical|severe|err)/i.test(word)) return 'error';
  if (/^warn/i.test(word)) return 'warn';
  return /^(?:note|hint|help|remark)$/i.test(word) ? 'note' : 'info';
}

/** `::error file=a.js,line=3,col=7,title=rule::message`, a command to GitHub's runner. */
function annotated(line: string): PlacedLine | null {
  const at = annotation.exec(line);
  if (at === null) return null;
  const said = new Map(
    (at[2] ?? '').split(',').map((one): [string, string] => {
      const [key = '', ...value] = one.split('=');
      return [key.trim(), unescaped(value.join('='))];
    }),
  );
  const [file = '', row = '', column = ''] = [said.get('file'), said.get('line'), said.get('col')];
  if (file === '' || !/^\d{1,7}$/.test(row)) return null;
  const place = { file, line: Number(row), column: /^\d{1,7}$/.test(column) ? Number(column) : null };
  return told(unescaped(at[3] ?? ''), at[1] ?? null, place);
}

const unescaped = (text: string) =>
  text.replace(/%(25|0D|0A|3A|2C)/gi, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
