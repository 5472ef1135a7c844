import { type PlacedLine, severityOf } from './placed-line.ts';

type Place = Pick<PlacedLine, 'file' | 'line' | 'column'>;
type Words = Pick<PlacedLine, 'word' | 'code' | 'message'>;

/** A form in which a place stands in a line of its own, and what is wrong some lines below, after the source. */
type Form = {
  readonly place: RegExp;
  readonly words: RegExp;
  /** Lines of source that may stand between, as they are printed. */
  readonly most: number;
  readonly between: RegExp;
  /** The severity where no word says it. */
  readonly severity?: 'error';
};

const source = /^(?:\s|$|\d{1,7} {0,3}\||\.{3})/;

const forms: readonly Form[] = [
  // gfortran, and those that print as it does.
  {
    place: /^([^\s:"][^:"]{0,500}):(\d{1,7}):(\d{1,7}):$/,
    words: /^(?<word>Error|Fatal Error|Warning): (?<message>.{1,4000}?)(?: \[(?<code>-W[\w=+-]{1,80})\])?$/,
    most: 8,
    between: source,
  },
  // ocaml.
  {
    place: /^File "([^"]{1,500})", lines? (\d{1,7})(?:-\d{1,7})?(?:, characters? (\d{1,7})(?:-\d{1,7})?)?:$/,
    words:
      /^(?<word>Error|Warning|Alert)(?: \(?(?:warning|alert)? ?(?<code>\d{1,3}(?: \[[a-z][\w-]{1,60}\])?|[a-z][\w-]{1,60})\)?)?: (?<message>.{1,4000})$/,
    most: 40,
    between: source,
  },
  // python, without a word of what called it.
  {
    place: /^\s{0,8}File "([^"]{1,500})", line (\d{1,7})$/,
    words: /^(?<code>SyntaxError|IndentationError|TabError): (?<message>.{1,4000})$/,
    most: 3,
    between: source,
    severity: 'error',
  },
  // node.
  {
    place: /^(?:file:\/\/)?([^\s:"][^:"]{0,500}\.[cm]?[jt]sx?):(\d{1,7})$/,
    words: /^(?<code>SyntaxError): (?<message>.{1,4000})$/,
    most: 6,
    // As it stands in the file.
    between: /^(?!\S*(?:Error|Exception)\b)/,
    severity: 'error',
  },
  // ghc before 9.4, and others that break the line.
  {
    place: /^([^\s:"][^:"]{0,500}):(\d{1,7}):(\d{1,7})(?:-\d{1,7})?: (?=(?:fatal )?(?:error|warning):)/,
    words: /^\s{1,8}(?:[•*] )?(?<message>\S.{0,4000})$/,
    most: 0,
    between: source,
  },
];
const broken =
  /^[^\s:"][^:"]{0,500}:\d{1,7}:\d{1,7}(?:-\d{1,7})?: (?:fatal )?(error|warning): ?(?:\[([A-Za-z][\w-]{1,80})\])?$/;

/** Reads blocks of lines of which the first one names the place. */
export function placedBlocks() {
  let open: { form: Form; place: Place; left: number; word: string | null; code: string | null } | null = null;
  return {
    /** Whether a line opens a block: then the next ones are to come here. */
    opens(line: string): boolean {
      open = null;
      if (line.length > 1200) return false;
      const last = forms.at(-1);
      for (const form of forms) {
        const at = form.place.exec(line);
        if (at === null) continue;
        const head = form === last ? broken.exec(line) : null;
        if (form === last && head === null) continue;
        const column = at[3] === undefined ? null : Number(at[3]) + (form === forms[1] ? 1 : 0);
        const place = { file: at[1] ?? '', line: Number(at[2]), column };
        open = { form, place, left: form.most, word: head?.[1] ?? null, code: head?.[2] ?? null };
        return true;
      }
      return false;
    },
    /** What the line makes of the block: what it says, `more` while it goes on, null where it was none. */
    next(line: string): PlacedLine | 'more' | null {
      if (open === null) return null;
      const { form, place, word, code } = open;
      const said = form.words.exec(line.slice(0, 4200))?.groups as Partial<Words> | undefined;
      if (said?.message !== undefined) {
        open = null;
        const told = said.word ?? word;
        const severity = told === null || told === undefined ? (form.severity ?? null) : severityOf(told);
        return {
          ...place,
          severity,
          word: told ?? null,
          code: said.code?.replace(/^\d+ \[(.+)\]$/, '$1') ?? code,
          message: said.message,
        };
      }
      open.left -= 1;
      if (open.left < 0 || !form.between.test(line)) open = null;
      return open === null ? null : 'more';
    },
  };
}
