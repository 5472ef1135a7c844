import type { Objection, Rule } from './define.ts';
import { aimOf } from './reading/aim.ts';
import type { Line, ReadFile } from './reading/patch-reading.ts';

/** What any language has: choosing, looping, counting, lists and texts. */
const everyday = new Set(
  `if else elsif elif elseif then end do done for foreach while until unless return my local let var val final def sub function
   fn fun not and or xor eq ne lt gt le ge cmp defined undef nil null none true false scalar length substr index push pop shift
   unshift splice sort reverse map grep join split keys values exists delete sprintf lc uc int abs sqrt min max last next break
   continue in of case when match switch otherwise where with self this is as to step range size len count sum filter fold head
   tail string number tonumber tostring math floor ceil pairs ipairs table insert concat remove double float bool char`.split(
    /\s+/,
  ),
);
const doors = /`|\$[0^!]|<\*|__\w+__/;
const declares = /\b(?:my|local|let|var|val|final)\b[\s(]+(?:[\w$@%,\s]+)/g;
const equality = /(?:==|\beq\b|~=|\bis\b)\s*["']?-?\d{2,}|-?\d{2,}\s*(?:==|\beq\b)/;
const answer = /(?:\breturn\b|[?=]|\bthen\b|=>|->)\s*["']?-?\d+["']?\s*(?:;|$|:|\}|\bend\b|\bif\b|\bunless\b)/;

/**
 * Of a patch for a failing test, in a language without a grammar: what is not understood is not let pass. It may do with the
 * names that its file had, with those that it declares within a block, and with everyday words.
 */
export const unreadSource: Rule = {
  name: 'unread_source',
  judge: ({ judged, files }) => (aimOf(judged.findings).test ? files.flatMap(strange) : []),
};

function strange({ file, before, after, added }: ReadFile): Objection[] {
  if (before === null || after === null || after.grammar !== null) return [];
  if (!after.language?.syntax || after.language.name === 'markdown') return [];
  const known = new Set(wordsOf(before.code));
  for (const { at } of added) {
    const line = after.codeLines[at - 1] ?? '';
    if (/^\s/.test(line))
      for (const [said] of line.matchAll(declares)) for (const word of wordsOf(said)) known.add(word);
  }
  const told = added.flatMap((line, at) => {
    const why = strangeness(line, added.slice(at, at + 3), known);
    return why === null ? [] : [{ rule: 'not_understood', path: file.path, line: line.at, why }];
  });
  return told.slice(0, 5);
}

function strangeness({ code, at }: Line, near: readonly Line[], known: ReadonlySet<string>): string | null {
  const word = wordsOf(code).find((one) => !known.has(one) && !everyday.has(one.toLowerCase()));
  if (word !== undefined)
    return `word "${word.slice(0, 60)}": there is no grammar for this language, and the file does not have this name`;
  if (doors.test(code)) return `line "${code.slice(0, 80)}": there is no grammar for this language to read it by`;
  const isAnswered = near.some((one) => one.at - at < 3 && answer.test(one.code));
  return equality.test(code) && isAnswered
    ? `line "${code.slice(0, 80)}": an answer is given by heart for one question: work it out`
    : null;
}

const wordsOf = (code: string) => code.match(/[A-Za-z_]\w*/g) ?? [];
