const longest = 64 * 1024;

/** Splits a text that comes in any pieces into lines; what is longer than 65,536 characters is cut. */
export function wholeLines(line: (text: string) => void) {
  let rest = '';
  return {
    write(text: string): void {
      let from = 0;
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', from)) {
        const whole = rest + text.slice(from, at);
        rest = '';
        line((whole.endsWith('\r') ? whole.slice(0, -1) : whole).slice(0, longest));
        from = at + 1;
      }
      if (rest.length < longest) rest += text.slice(from, from + longest);
    },
    /** The last line, when nothing ended it. */
    end(): void {
      if (rest !== '') line(rest.slice(0, longest));
      rest = '';
    },
  };
}
