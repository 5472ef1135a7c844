import { stripVTControlCharacters } from 'node:util';

/** Text of tools and repositories must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
}

/** Text of several lines, as a terminal may show it: without colours and without anything that moves the cursor. */
export function printableLines(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]|\p{Cf}/gu, ' ');
}
