/** What is no text, and where it stands: `path` is a JSON pointer, `''` for the whole. */
type StrangeText = { readonly path: string; readonly message: string };

const unreadable = /\0|[\ud800-\udfff]/u;
/** Half of a surrogate pair alone: what a machine tells may hold NUL. */
export const halfPair = /[\ud800-\udfff]/u;
const shownName = /^[^\p{C}/~]{1,64}$/u;
const mostFaults = 20;
const longestPath = 512;

/**
 * Finds text that other programs cannot read: half of a surrogate pair (it has no form in UTF-8, RFC 3629 section 3) and NUL.
 * Names of fields count, too. Depth costs no stack.
 */
export function strangeText(value: unknown, path = '', strange = unreadable): StrangeText[] {
  const faults: StrangeText[] = [];
  const left: [unknown, string][] = [[value, path]];
  for (let next = left.pop(); next && faults.length < mostFaults; next = left.pop()) {
    const [one, at] = next;
    if (typeof one === 'string') {
      if (strange.test(one)) faults.push({ path: at.slice(0, longestPath), message: wordsFor(one, strange) });
    } else if (typeof one === 'object' && one !== null && !ArrayBuffer.isView(one)) {
      const entries = Object.entries(one);
      for (const [name] of entries)
        if (strange.test(name))
          faults.push({
            path: `${at.slice(0, longestPath)}/?`,
            message: `${wordsFor(name, strange)} (in the name of a field)`,
          });
      for (const [name, inner] of entries.reverse()) left.push([inner, `${at}/${shownName.test(name) ? name : '?'}`]);
    }
  }
  return faults;
}

function wordsFor(text: string, strange: RegExp): string {
  const at = text.search(strange);
  const code = text.charCodeAt(at);
  const found = `found \\u${code.toString(16).padStart(4, '0')} at character ${at}`;
  return code === 0 ? `Expected text without NUL; ${found}` : `Expected text; ${found}, half of a surrogate pair`;
}

/** The JSON of a value; half a surrogate pair in it, as a cut through a text leaves, becomes U+FFFD. */
export function textualJson(value: unknown): string {
  const json = JSON.stringify(value);
  // JSON.stringify shows each half as an escape, and no other text so; few texts look like one.
  if (!json.includes('\\ud')) return json;
  return json.replace(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/g, (found, half) => (half ? '\ufffd' : found));
}
