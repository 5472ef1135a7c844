import { tokensOf } from '../../rules/code-tokens.ts';
import { visibleParts } from '../../rules/visible-text.ts';
import { type Drawn, html } from '../html.ts';

/** Source with its kinds of words coloured; what would hide in it is named. */
export function CodeText({ text, path }: { text: string; path: string }): Drawn {
  return tokensOf(text, path).map(({ text: part, kind }) => {
    const shown = visibleParts(part).map(({ text: words, hidden }) =>
      hidden === null ? words : html`<span class="hidden-char" title="A character that is not seen">${words}</span>`,
    );
    return kind === '' ? shown : html`<span class=${`tok-${kind}`}>${shown}</span>`;
  });
}

/** Lines of a file with their numbers; those that are meant are marked. */
export function CodeView({
  lines,
  first,
  path,
  marked,
}: {
  lines: readonly string[];
  first: number;
  path: string;
  marked: readonly [from: number, to: number] | null;
}): Drawn {
  return html`<div class="code" tabindex="0" role="region" aria-label=${`Source of ${path}`}>${lines.map(
    (line, index) => {
      const no = first + index;
      const isMarked = marked !== null && no >= marked[0] && no <= marked[1];
      return html`<div class=${`code-line ${isMarked ? 'marked' : ''}`} key=${no}><span class="no">${no}</span><span class="text"><${CodeText} text=${line} path=${path} /></span></div>`;
    },
  )}</div>`;
}
