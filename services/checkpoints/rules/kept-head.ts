import { AppError } from '../../floor/app-error.ts';
import type { Anchor } from './check-chain.ts';

export const keptHeadPattern = '^[1-9][0-9]{0,15}:[0-9a-f]{64}$';

/** A head as `audit verify` prints it and an operator keeps it: `SEQ:DIGEST`. Throws AppError('invalid') for anything else. */
export function keptHead(text: string): Anchor {
  const said = text.trim();
  const [last = '', head = ''] = said.split(':');
  if (new RegExp(keptHeadPattern).test(said)) return { last: Number(last), head, where: 'elsewhere' };
  throw new AppError('invalid', 'A head is SEQ:DIGEST, as audit verify prints it: a number and 64 hexadecimal digits.');
}
