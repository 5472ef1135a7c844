import { fieldOf, nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { calleeOf, isCall } from '../reading/canonical-text.ts';
import { type See, see } from './sighting.ts';

const rule = 'type_widened';
const why = 'a checker is told to believe: show it, or say what the value is';
const untyped =
  /^(?:JSON\.parse|Object\.(?:create|assign|fromEntries)|vars|globals|locals|getattr|json\.loads|operator\.\w+|(?:.*\.)?__getattribute__|(?:.*\.)?__dict__\.\w+)$/;

/** Of a patch for a finding about types: what comes out of them is not known any less. */
export const believed: See = (node, grammar) => {
  const isScript = /^(?:typescript|tsx)$/.test(grammar);
  if (
    grammar === 'python' &&
    /^(?:if|elif|while|conditional)/.test(node.type) &&
    /\bsys\.(?:platform|version_info)\b/.test(node.kids[1]?.text ?? '')
  )
    return see('excluded_from_build', 'platform', 'a checker passes over what is for another platform or version');
  if (isScript && node.type === 'as_expression' && !/\bas const$/.test(node.text)) return see(rule, 'as', why);
  if (isCall(node) && untyped.test(calleeOf(node)) && /^(?:typescript|tsx|python)$/.test(grammar))
    return see(rule, calleeOf(node), why);
  const returns = fieldOf(node, 'return_type');
  if (returns === null) return null;
  if (isScript && /^(?:type_predicate_annotation|asserts_annotation)$/.test(returns.type)) {
    const shows = returns.type === 'asserts_annotation' ? /throw_statement/ : /^(?:typeof|instanceof|in)$/;
    return isShown(node, shows) ? null : see(rule, 'predicate', why);
  }
  if (grammar === 'python' && /\bType(?:Guard|Is)\b/.test(returns.text))
    return isShown(node, /^(?:isinstance|issubclass|in|not in|callable)$/) ? null : see(rule, 'predicate', why);
  return isScript && outOfNothing(node, returns) ? see(rule, 'generic', why) : null;
};

/** What only a checker reads holds types, and what is imported for them. */
export const onlyChecked: See = (node, grammar) => {
  if (grammar !== 'python' || node.type !== 'if_statement') return null;
  const asked = fieldOf(node, 'condition')?.text ?? '';
  if (!/\b(?:TYPE_CHECKING|MYPY)\b/.test(asked)) return null;
  const does = (fieldOf(node, 'consequence')?.kids ?? []).find(
    ({ named, type, text }) => named && !/import|comment|pass/.test(type) && !/^[A-Z]\w*(?:: *\w*)? *=/.test(text),
  );
  const isOtherwise = node.kids.some(({ type }) => /else|elif/.test(type));
  return does === undefined &&
    !(isOtherwise && !/^\s*import|import/.test(node.kids.at(-1)?.text ?? '')) &&
    !/\bnot\b/.test(asked)
    ? null
    : see('excluded_from_build', 'checked', 'a checker and the program read two different things');
};

/** Of a patch for a finding about types: no comment says what a value is. */
export const believedByComment: See = (node, grammar) => {
  const next = node.parent?.kids[node.parent.kids.indexOf(node) + 1];
  const told =
    grammar === 'php'
      ? /@(?:(?:phpstan-|psalm-)?var|(?:phpstan|psalm)-assert\S*)\b/.test(node.text) &&
        !/^(?:property|const)_declaration$/.test(next?.type ?? '')
      : grammar === 'python'
        ? /^#\s*type:\s*(?!ignore)/.test(node.text)
        : /@(?:type|satisfies)\s*\{/.test(node.text) && next?.type === 'parenthesized_expression';
  return told ? see(rule, 'comment', why) : null;
};

/** A predicate without a body is a type; one with a body looks at its value. */
function isShown(node: SyntaxNode, shows: RegExp): boolean {
  const body = fieldOf(node, 'body');
  if (body === null) return false;
  const inner = [...nodesOf(body)];
  const called = inner.some(
    (one) => isCall(one) && /^(?:Array\.isArray|Object\.hasOwn|Number\.is\w+|assert(?:\.\w+)?)$/.test(calleeOf(one)),
  );
  const looks =
    called || inner.some(({ type, text, kids }) => shows.test(type) || (kids.length === 0 && shows.test(text)));
  return (
    looks &&
    !/(?:\|\||\bor)\s*(?:true|True|1)\b|return\s*\(?\s*(?:true|True)\b(?!\s*&&)\s*\)?\s*(?:;|\||$)/.test(body.text)
  );
}

/** A function gives whatever its caller asks for, though nobody hands it over. */
function outOfNothing(node: SyntaxNode, returns: SyntaxNode): boolean {
  const names = (fieldOf(node, 'type_parameters')?.kids ?? []).flatMap((kid) => fieldOf(kid, 'name')?.text ?? []);
  const parameters = (fieldOf(node, 'parameters')?.kids ?? [])
    .filter((kid) => kid.type === 'required_parameter' && fieldOf(kid, 'value') === null)
    .map(({ text }) => text)
    .join(' ');
  return names.some((name) => {
    const word = new RegExp(`\\b${name.replace(/\W/g, '')}\\b`);
    return word.test(returns.text) && !word.test(parameters);
  });
}
