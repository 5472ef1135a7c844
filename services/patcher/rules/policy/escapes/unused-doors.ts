import { fieldOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { argumentsOf, calleeOf, canonOf, isCall } from '../reading/canonical-text.ts';
import { type See, see } from './sighting.ts';

const why = 'a name is spoken only to be spoken of: use what it holds, or take it out';
const name = /^(?:identifier|simple_identifier|variable_name|name)$/;
const holders = /^(?:drop|(?:.*\.)?(?:black_box|forget|KeepAlive)|\w*UNUSED\w*|noop|ignore|unused|touch|use|_+)$/i;
const nowhere = /^(?:_\w*|std :: ignore)$/;

/** Of a patch for what is not used: it is used, or goes; to be thrown away is no use. */
export const mentioned: See = (node, grammar) => {
  const found = (key: string) => see('use_pretended', key, why);
  if (node.type === 'expression_statement') {
    const [said, ...more] = node.kids.filter(({ named }) => named);
    if (said !== undefined && more.length === 0 && isMention(said)) return found('statement');
  }
  if (node.type === 'delete_statement' && node.kids.every((kid) => !kid.named || name.test(kid.type)))
    return found('del');
  if (/^if/.test(node.type) && isEmpty(fieldOf(node, 'consequence', 'body'))) return found('if');
  if (grammar === 'bash')
    return node.type === 'command' && /^(?::|true)\s.*\$/.test(node.text) ? found('command') : null;
  // A loop that only counts has no use for what it goes through.
  if (/^for/.test(node.type) && !isEmpty(fieldOf(node, 'body'))) return null;
  const left = fieldOf(node, 'left', 'pattern', 'name', 'target');
  const right = fieldOf(node, 'right', 'value', 'result');
  if (left === null || right === null || !nowhere.test(canonOf(left))) return null;
  return /^(?:& )?[a-z]\w*$/i.test(canonOf(right)) ? found('_') : null;
};

function isMention(node: SyntaxNode): boolean {
  if (name.test(node.type)) return true;
  if (/^\$?\w+(?:\.|->)(?:itself|hash|object_id|inspect|freeze|to_s|toString\(\)|valueOf\(\))$/.test(node.text))
    return true;
  if (isCall(node))
    return holders.test(calleeOf(node)) && argumentsOf(node).every(({ text }) => /^&?[\w$]+$/.test(text));
  return /^(?:void|typeof|\( void \)|static_cast < void >) \(? ?[\w$]+ ?\)?$/.test(canonOf(node));
}

const isEmpty = (body: SyntaxNode | null) => body !== null && /^(?:pass|;|\{ (?:; )?\})$/.test(canonOf(body));
