import { createHash } from 'node:crypto';

type Exchange = { readonly prompt: string; readonly reply: string | null };

const maxReply = 200_000;
const maxLength = 2_000_000;

/**
 * What was said so far and is asked now, as one text for a program without memory. Of a conversation that is too long, the
 * oldest exchanges after the first go: the first prompt holds the facts.
 */
export function retoldConversation(turns: readonly Exchange[], prompt: string): string {
  const [first, ...later] = turns;
  if (first === undefined) return prompt;
  const mark = createHash('sha256')
    .update(JSON.stringify([turns, prompt]))
    .digest('hex')
    .slice(0, 16);
  const told = (turn: Exchange, at: number): string =>
    `===== ${mark} message ${at} to you\n${turn.prompt}\n===== ${mark} your answer ${at}\n${answerOf(turn)}\n`;
  const opening = told(first, 1);
  const recent: string[] = [];
  let length = opening.length + prompt.length;
  for (const [index, turn] of [...later.entries()].reverse()) {
    const text = told(turn, index + 2);
    length += text.length;
    if (length > maxLength) break;
    recent.unshift(text);
  }
  const left = later.length - recent.length;
  return [
    `This is a conversation that goes on. Lines that begin with "===== ${mark}" part its messages. Answer the last one.\n`,
    opening,
    left > 0 ? `===== ${mark} ${left} older messages with their answers are left out\n` : '',
    ...recent,
    `===== ${mark} message ${turns.length + 1} to you, to be answered now\n${prompt}`,
  ].join('');
}

function answerOf({ reply }: Exchange): string {
  if (reply === null) return '(this answer was lost)';
  return reply.length <= maxReply ? reply : `${reply.slice(0, maxReply)}\n(the rest of this answer is left out)`;
}
