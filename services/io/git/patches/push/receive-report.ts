/** What a server answered to a push: its verdict on the pack and on each ref, and what it said to people. */
export type ReceiveReport = {
  /** `ok`, or what went wrong; undefined when the answer has no verdict. */
  unpack: string | undefined;
  /** Ref -> `ok` or the reason of its refusal. */
  refs: Map<string, string>;
  words: string;
};

/** One line of git's protocol: four hexadecimal digits with its length, then its content. */
export function packetLine(text: string): Buffer {
  const content = Buffer.from(text);
  return Buffer.concat([Buffer.from((content.length + 4).toString(16).padStart(4, '0')), content]);
}

/** The line that ends a list. */
export const flushLine = Buffer.from('0000');

/** Reads the answer of git-receive-pack (gitprotocol-pack, "Report Status"), with or without side bands. Never throws. */
export function readReport(answer: Buffer, sideBand: boolean): ReceiveReport {
  if (!sideBand) return readStatus(answer, '');
  const status: Buffer[] = [];
  let words = '';
  for (const line of packetLines(answer)) {
    if (line[0] === 1) status.push(line.subarray(1));
    else if (line[0] === 2 || line[0] === 3) words += line.toString('utf8', 1);
  }
  return readStatus(Buffer.concat(status), words);
}

function readStatus(answer: Buffer, words: string): ReceiveReport {
  const report: ReceiveReport = { unpack: undefined, refs: new Map(), words };
  for (const line of packetLines(answer)) {
    const [word, name = '', ...rest] = line.toString('utf8').trimEnd().split(' ');
    if (word === 'unpack') report.unpack = [name, ...rest].join(' ');
    if (word === 'ok') report.refs.set(name, 'ok');
    if (word === 'ng') report.refs.set(name, rest.join(' ') || 'refused');
  }
  return report;
}

function packetLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const head = bytes.toString('latin1', at, at + 4);
    if (!/^[0-9a-f]{4}$/i.test(head)) return lines;
    const length = Number.parseInt(head, 16);
    if (length > 4) lines.push(bytes.subarray(at + 4, at + length));
    at += Math.max(length, 4);
  }
  return lines;
}
