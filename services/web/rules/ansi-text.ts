/** A run of characters that look alike. `classes`: of the style sheet, such as `fg-1 bold`. */
type Span = { readonly text: string; readonly classes: string };

type Look = { fg: string; bg: string; bold: boolean; dim: boolean; italic: boolean; underline: boolean };
const plain: Look = { fg: '', bg: '', bold: false, dim: false, italic: false, underline: false };

// Select Graphic Rendition is kept; every other control sequence (ECMA-48, OSC links and titles too) is left out.
const sequence =
  /\u001b\[([0-9;:]*)m|\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-Z\\-_]?/g;
// What else is no character: it would move the cursor, ring, or turn the line around.
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** One line of a terminal as runs of text. A carriage return begins the line anew, as it does there. */
export function ansiSpans(line: string): Span[] {
  const shown = line.replace(/\r+$/, '');
  const visible = shown.slice(shown.lastIndexOf('\r') + 1);
  const spans: Span[] = [];
  let look = { ...plain };
  let from = 0;
  const push = (text: string) => {
    const clean = text.replace(unprintable, '');
    if (clean !== '') spans.push({ text: clean, classes: classesOf(look) });
  };
  for (const match of visible.matchAll(sequence)) {
    push(visible.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[1] !== undefined) look = changed(look, match[1]);
  }
  push(visible.slice(from));
  return spans;
}

/** The line without any look. */
export const plainText = (line: string): string =>
  ansiSpans(line)
    .map(({ text }) => text)
    .join('');

function classesOf({ fg, bg, bold, dim, italic, underline }: Look): string {
  const words = [fg, bg, bold && 'bold', dim && 'dim', italic && 'italic', underline && 'underline'];
  return words.filter(Boolean).join(' ');
}

function changed(before: Look, codes: string): Look {
  const look = { ...before };
  const words = codes.split(/[;:]/).map(Number);
  for (let index = 0; index < words.length; index += 1) {
    const code = words[index] ?? 0;
    if (code === 0) Object.assign(look, plain);
    else if (code === 1) look.bold = true;
    else if (code === 2) look.dim = true;
    else if (code === 3) look.italic = true;
    else if (code === 4) look.underline = true;
    else if (code === 22) Object.assign(look, { bold: false, dim: false });
    else if (code === 23) look.italic = false;
    else if (code === 24) look.underline = false;
    else if (code === 39) look.fg = '';
    else if (code === 49) look.bg = '';
    else if (code >= 30 && code <= 37) look.fg = `fg-${code - 30}`;
    else if (code >= 90 && code <= 97) look.fg = `fg-${code - 90}`;
    else if (code >= 40 && code <= 47) look.bg = `bg-${code - 40}`;
    else if (code >= 100 && code <= 107) look.bg = `bg-${code - 100}`;
    else if (code === 38 || code === 48) {
      const isIndexed = words[index + 1] === 5;
      const colour = isIndexed ? nearest256(words[index + 2] ?? 7) : nearestRgb(words.slice(index + 2, index + 5));
      look[code === 38 ? 'fg' : 'bg'] = `${code === 38 ? 'fg' : 'bg'}-${colour}`;
      index += isIndexed ? 2 : 4;
    }
  }
  return look;
}

/** The nearest of the eight colours, which the style sheet makes readable in both themes. */
function nearestRgb([red = 0, green = 0, blue = 0]: readonly number[]): number {
  const most = Math.max(red, green, blue);
  if (most - Math.min(red, green, blue) < 40) return most < 70 ? 0 : 7;
  const half = most * 0.6;
  return (red >= half ? 1 : 0) + (green >= half ? 2 : 0) + (blue >= half ? 4 : 0);
}

function nearest256(index: number): number {
  if (index < 16) return index % 8;
  if (index >= 232) return index < 240 ? 0 : 7;
  const cube = index - 16;
  return nearestRgb([Math.floor(cube / 36) * 51, (Math.floor(cube / 6) % 6) * 51, (cube % 6) * 51]);
}
