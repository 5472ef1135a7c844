/** Replaces secrets in text that is about to leave the process. */
export type Redactor = {
  readonly text: (text: string) => string;
  /** The same over a stream of bytes: holds back what could be the beginning of a secret until more arrives. */
  readonly stream: () => { write(chunk: Buffer): Buffer; end(): Buffer };
};

const mask = '[redacted]';
/** Shorter strings are too common in ordinary text to be masked without making a log useless. */
const shortest = 6;

/** Every form in which a secret may turn up: itself, URL-encoded, and base64 at each of its three alignments. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const aligned = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const from = Math.ceil((shift * 8) / 6);
    const lastShared = Math.floor(((shift + bytes.length) * 8) / 6);
    return whole.slice(from, lastShared);
  });
  const urlSafe = aligned.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...aligned, ...urlSafe];
}

/** A redactor that knows these secrets; the identity when there is none. */
export function redactorOf(secrets: readonly string[]): Redactor {
  const forms = [...new Set(secrets.filter((secret) => secret.length >= shortest).flatMap(formsOf))]
    .filter((form) => form.length >= shortest)
    .sort((a, b) => b.length - a.length);
  const text = (input: string) => forms.reduce((current, form) => current.replaceAll(form, mask), input);
  if (forms.length === 0)
    return { text: (input) => input, stream: () => ({ write: (chunk) => chunk, end: () => Buffer.alloc(0) }) };
  const needles = forms.map((form) => Buffer.from(form, 'utf8').toString('latin1'));
  const hold = Math.max(...needles.map((needle) => needle.length)) - 1;
  const redact = (input: string) => needles.reduce((current, needle) => current.replaceAll(needle, mask), input);
  return { text, stream: () => redactStream(redact, needles, hold) };
}

function redactStream(redact: (input: string) => string, needles: readonly string[], hold: number) {
  let held = '';
  return {
    write: (chunk: Buffer) => {
      const all = redact(held + chunk.toString('latin1'));
      const keep = longestBeginning(all.slice(-hold), needles);
      held = keep === 0 ? '' : all.slice(-keep);
      return Buffer.from(keep === 0 ? all : all.slice(0, -keep), 'latin1');
    },
    end: () => {
      const rest = Buffer.from(held, 'latin1');
      held = '';
      return rest;
    },
  };
}

/** How many of the last characters could still become a needle. */
function longestBeginning(tail: string, needles: readonly string[]): number {
  for (let length = tail.length; length > 0; length -= 1) {
    const end = tail.slice(-length);
    if (needles.some((needle) => needle.startsWith(end))) return length;
  }
  return 0;
}
