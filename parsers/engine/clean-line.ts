/** CSI (colours, cursor moves, `ESC[m`), strings (OSC titles and links, Buildkite's APC times) and the two-character escapes. */
const escapes = /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|[\]_P^X][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]{0,8}[0-~])/g;
/** ISO times of GitHub, Azure and Jenkins, GitLab's with its stream, clocks of Jenkins and TeamCity. */
const ciStamp =
  /^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)\]?(?: \d\d[OE](?:\+| |$)| |$)|\d\d:\d\d:\d\d {2}|\[\d\d:\d\d:\d\d\][WEFi ]{0,2}:?[ \t]{1,4}(?:\[Step \d{1,3}\/\d{1,3}\] )?)/;
const sectionMark = /^section_(?:start|end):\d{1,12}:[\w.-]{1,200}(?:\[[^\]]{0,100}\])?/;
const runnerMark = /^##\[(?:error|warning|debug|section|command|group|endgroup|notice)\]/;

/** A line as the tool meant it: without its `\r`, what a progress bar wrote over, escapes, and what a CI wrote before it. */
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
  if (text.includes('\u0000')) text = text.replaceAll('\u0000', '');
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  text = withoutStamp(text);
  if (text.startsWith('##[')) text = text.replace(runnerMark, '');
  else if (text.startsWith('section_')) text = text.replace(sectionMark, '');
  return text;
}

/** Without the time that a CI, or what collects logs, wrote before a line. */
export function withoutStamp(text: string): string {
  const first = text.charCodeAt(0);
  if (first !== 91 && (first < 48 || first > 57)) return text;
  const stamp = ciStamp.exec(text);
  return stamp === null ? text : text.slice(stamp[0].length);
}
