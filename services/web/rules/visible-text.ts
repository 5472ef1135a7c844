/** A part of a text: as it is, or a character that one would not see, by its name. */
type Part = { readonly text: string; readonly hidden: string | null };

// Marks that turn the direction, join nothing, or are no character at all (Unicode UAX 9, Trojan Source).
const unseen =
  /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** Source text in which nothing hides: what turns or hides text is named instead. */
export function visibleParts(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(unseen)) {
    if (index > from) parts.push({ text: text.slice(from, index), hidden: null });
    const code = found.codePointAt(0) ?? 0;
    parts.push({ text: `U+${code.toString(16).toUpperCase().padStart(4, '0')}`, hidden: found });
    from = index + found.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), hidden: null });
  return parts;
}

// Only what turns the direction: joiners belong to scripts and to emoji.
const turning = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const everyTurning = new RegExp(turning, 'g');

/** A name or a message in which nothing turns what follows it: such a character is named instead. */
export function withoutTurns(text: string): string {
  if (!turning.test(text)) return text;
  return text.replace(everyTurning, (mark) => `U+${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
}
