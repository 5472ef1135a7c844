import type { Draft } from '../define.ts';
import { ghsaOf, npmDraft } from './npm-advisory.ts';

const severity = /^\u2502 (critical|high|moderate|low|info) +\u2502 (.{0,2000}?) *\u2502$/;
const row = /^\u2502 ([A-Z][\w ]{0,30}?)? *\u2502 (.{0,2000}?) *\u2502$/;

/**
 * The boxes in which `pnpm audit` and yarn 1 tell an advisory: rows of two cells, the first one its severity and title.
 * `width` tells them apart: it is the one of the longest label, `Vulnerable versions` or `Dependency of`.
 */
export function advisoryBox(isMine: (width: number) => boolean) {
  let open: { word: string; title: string; rows: Map<string, string>; last: string } | null = null;
  return {
    /** `more` while a box is open; a draft when it closes. */
    line(line: string): 'no' | 'more' | Draft {
      const first = open === null ? severity.exec(line) : null;
      if (first !== null && isMine(line.indexOf('\u2502', 2) - 3)) {
        open = { word: first[1] ?? '', title: first[2] ?? '', rows: new Map(), last: '' };
        return 'more';
      }
      if (open === null) return 'no';
      const cells = row.exec(line);
      if (cells !== null) {
        const key = cells[1] ?? open.last;
        // A cell that is too wide goes on in the next row, without a label.
        if (key === '') open.title = `${open.title} ${cells[2]}`;
        else if (open.rows.size < 20) open.rows.set(key, `${open.rows.get(key) ?? ''}${cells[2]}`.slice(0, 4000));
        open.last = key;
        return 'more';
      }
      if (/^\u251c/.test(line)) return 'more';
      const { word, title, rows } = open;
      open = null;
      if (!/^\u2514/.test(line)) return 'no';
      const url = rows.get('More info') ?? null;
      const name = rows.get('Package') ?? '';
      const patched = (rows.get('Patched versions') ?? rows.get('Patched in') ?? '').replace(/^No patch.*$/, '<0.0.0');
      const code = ghsaOf(url) ?? `npm:${/\/(\d{1,9})$/.exec(url ?? '')?.[1] ?? name}`;
      return {
        ...npmDraft({ name, word, url, code, title, patched, installed: null }),
        raw: { word, title, ...Object.fromEntries(rows) },
      };
    },
  };
}
