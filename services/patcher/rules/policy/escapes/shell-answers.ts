import { fieldOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { canonOf } from '../reading/canonical-text.ts';

const brackets = /(?:^| )(?:\[\[?|\(\(|test)(?= )| (?:\]\]?|\)\))(?= |$)/g;
const compared = /^(?:! )?.{1,120}? (?:==?|-eq) "?(-?\d+)"?$/;
const said = /^(?:\{ )?(?:echo|printf(?: '[^']*'| "[^"]*")?) "?(-?\d+)"?(?: |$)/;
const common = new Set(['0', '1', '-1']);

/** Whether a branch of a shell script prints one number for other numbers: no shell asks for words of its caller like that. */
export function knownInShell(node: SyntaxNode): boolean {
  const kids = node.kids.filter(({ named, type }) => named && type !== 'comment');
  if (node.type === 'case_item') {
    const [value] = kids;
    const asked = value === undefined ? [] : (canonOf(value).match(/-?\d+/g) ?? []);
    const isNumbers = /^["']?-?\d+(?:["' ,:;|$-]+-?\d+)+["']?$/.test(value === undefined ? '' : canonOf(value));
    return isNumbers && asked.length > 1 && isAnswered(kids.slice(1));
  }
  if (!/^(?:if_statement|elif_clause|list)$/.test(node.type)) return false;
  const test = fieldOf(node, 'condition') ?? kids[0];
  if (test == null) return false;
  const parts = canonOf(test)
    .replace(brackets, ' ')
    .split(/ (?:&&|\|\||-a|-o) /)
    .map((part) => part.replace(/\s+/g, ' ').trim());
  const values = parts.map((part) => compared.exec(part)?.[1]);
  const isAsked = values.every((value) => value !== undefined) && values.some((value) => !common.has(value ?? '0'));
  return isAsked && isAnswered(kids.filter((kid) => kid !== test));
}

function isAnswered([first]: readonly SyntaxNode[]): boolean {
  const answer = first === undefined ? undefined : said.exec(canonOf(first))?.[1];
  return answer !== undefined && !common.has(answer);
}
