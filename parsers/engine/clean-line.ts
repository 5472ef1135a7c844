/** CSI (colours, cursor moves, `ESC[m`), OSC (titles, links) and the two-character escapes. */
const escapes = /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]{0,8}[0-~])/g;
const ciStamp = /^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z\]? /;

/** A line as the tool meant it: without its `\r`, what a progress bar wrote over, escapes, and a CI timestamp. */
export function cleanLine(line: string): string {
  let text = line;
  if (text.charCodeAt(text.length - 1) === 13) {
    let end = text.length - 1;
    while (end > 0 && text.charCodeAt(end - 1) === 13) end -= 1;
    text = text.slice(0, end);
  }
  // Searching forwards first is many times faster, and a line rarely has one.
  if (text.includes('\r')) text = text.slice(text.lastIndexOf('\r') + 1);
  if (text.includes('\u001b')) text = text.replace(escapes, '');
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  const first = text.charCodeAt(0);
  if (first === 91 || (first >= 48 && first <= 57)) {
    const stamp = ciStamp.exec(text);
    if (stamp !== null) text = text.slice(stamp[0].length);
  }
  return text;
}
