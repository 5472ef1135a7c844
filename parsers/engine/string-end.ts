/** Finds the quote that ends a JSON string which comes in any pieces. */
export function stringEnd() {
  /** An odd number of backslashes ended the last piece. */
  let escaped = false;
  return {
    /** Where in the piece the string ends that goes on at `from`, or -1. Every character is looked at once. */
    find(text: string, from: number): number {
      for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 1)) {
        let back = at;
        while (back > from && text.charCodeAt(back - 1) === 92) back -= 1;
        const odd = (at - back) % 2 === 1;
        if (odd !== (back === from && escaped)) continue;
        escaped = false;
        return at;
      }
      let back = text.length;
      while (back > from && text.charCodeAt(back - 1) === 92) back -= 1;
      const odd = (text.length - back) % 2 === 1;
      escaped = back === from ? odd !== escaped : odd;
      return -1;
    },
  };
}
