import { around, fieldOf, nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { argumentsOf, calleeOf, isCall } from '../reading/canonical-text.ts';
import { identifiersIn, nameOf } from '../reading/statements-of.ts';
import { type See, see } from './sighting.ts';

const functions =
  /^(?:function_definition|function_declaration|function_expression|arrow_function|generator_function\w*|method_declaration|method_definition|function_item|method|singleton_method|local_function_statement|lambda_literal|lambda|lambda_expression|closure_expression|func_literal|anonymous_function\w*)$/;
const steps =
  /^(?:update_expression|postfix_(?:unary_)?expression|prefix_(?:unary_)?expression|postfix_unary_expression|prefix_unary_expression|inc_statement|dec_statement|unary_expression)$/;
const assigns =
  /^(?:assignment|assignment_expression|augmented_assignment|augmented_assignment_expression|compound_assignment_expr|operator_assignment|assignment_statement|variable_assignment|directly_assignable_expression)$/;
const takes =
  /^(.+)\.(?:getAndIncrement|incrementAndGet|getAndAdd|addAndGet|fetch_add|fetch_sub|compareAndSet|compare_exchange|shift|pop|popleft|push|append|add|Add|next|Next|Do|swap|replace|call_once)$/;
const conditions = /^(?:if|elsif|elif|unless|while|ternary|conditional|guard|switch|match|case|list$|test_command)/;
const shapeless = (text: string) => text.replace(/\s+/g, '').replace(/->|::|\?\./g, '.');

/**
 * Of a patch for a failing test: what is answered does not hang on how often it was asked. The key names the variable; one that
 * the file had before keeps what it is there for.
 */
export function keptStateIn(root: SyntaxNode): See {
  return (node) => {
    if (!functions.test(node.type) || node.text.length > 20_000) return null;
    const kept = changedIn(node).find(
      (name) => isKept(name, node, root) && (decidesBy(name, node) || isTaken(name, node)),
    );
    return kept === undefined
      ? null
      : see(
          'known_by_heart',
          `state ${kept}`,
          `what it answers hangs on how often it was asked (${kept}): work it out`,
        );
  };
}

/** The name of a state that a key of ours speaks of. */
export const stateOf = (key: string): string | null => /^known_by_heart state (.+)$/.exec(key)?.[1] ?? null;

/** The names that a function changes by what they were. */
function changedIn(node: SyntaxNode): string[] {
  const own = `${nameOf(node) ?? ''}.`;
  return [...nodesOf(node)].flatMap((one) => {
    if (steps.test(one.type) && one.kids.some(({ text }) => text === '++' || text === '--'))
      return one.kids.filter(({ named }) => named).map(({ text }) => shapeless(text));
    if (assigns.test(one.type)) {
      const left = fieldOf(one, 'left', 'name', 'target') ?? one.kids[0];
      const name = shapeless(left?.text ?? '');
      const rest = shapeless(one.text).slice(name.length);
      return name !== '' &&
        (name.startsWith(own) || /^[-+*|^]=/.test(rest) || new RegExp(`^=.*${escaped(name)}(?!\\w)`).test(rest))
        ? [name]
        : [];
    }
    if (isCall(one)) {
      const [, receiver] = takes.exec(calleeOf(one)) ?? [];
      if (receiver !== undefined) return [shapeless(receiver)];
      return /^next$/.test(calleeOf(one))
        ? argumentsOf(one)
            .slice(0, 1)
            .map(({ text }) => shapeless(text))
        : [];
    }
    return [];
  });
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const isName = /^[$@\w]+$/;

/** It outlives a call: it stands outside of the function, or belongs to it. */
function isKept(name: string, node: SyntaxNode, root: SyntaxNode): boolean {
  const own = nameOf(node) ?? '';
  if (/^(?:\$[a-z]\w*|@@\w+)$/.test(name) && !/^\$(?:this|self)$/.test(name) && !/php/.test(root.kids[0]?.type ?? ''))
    return true;
  if (own !== '' && name.startsWith(`${own}.`)) return true;
  if (/^(?:this|self|\$this)\.\w+$|^@\w+$/.test(name)) return true;
  if (!isName.test(name)) return false;
  const bare = name.replace(/^\$/, '');
  const statics = [...nodesOf(node)].some(
    ({ type, text }) =>
      /declaration|static/.test(type) && /^static\b/.test(text) && new RegExp(`\\b${bare}\\b`).test(text.slice(0, 200)),
  );
  const given = fieldOf(node, 'parameters');
  const isDefault =
    given !== null &&
    new RegExp(`\\b${bare}(?:\\s*:[^=,]+)?\\s*=\\s*(?:\\[|\\{|list|dict|set|itertools|iter)`).test(given.text);
  return statics || isDefault || declaredOutside(bare, node);
}

function declaredOutside(name: string, node: SyntaxNode): boolean {
  const inside = [...nodesOf(node)].some((one) => isDeclaration(one, name, false));
  if (inside) return false;
  const outer = [...around(node)];
  const at = outer.findIndex((one) =>
    one.kids
      .flatMap((kid) => [kid, ...kid.kids, ...kid.kids.flatMap(({ kids }) => kids)])
      .some((kid) => isDeclaration(kid, name, true)),
  );
  if (at < 0) return false;
  // What is handed to a call within the function that declares the name ends with it.
  const holder = outer.find(({ type }) => /argument|return|declarator/.test(type))?.type ?? '';
  return !(/argument/.test(holder) && outer.slice(at).some(({ type }) => functions.test(type)));
}

const declares =
  /^(?:variable_declarator|init_declarator|var_spec|let_declaration|property_declaration|field_declaration|field_definition|public_field_definition|variable_declaration|static_item|const_item|declaration|local_variable_declaration|short_var_declaration|parameter|typed_parameter|required_parameter|formal_parameter)$/;

function isDeclaration(node: SyntaxNode, name: string, outside: boolean): boolean {
  const named = new RegExp(`(?:^|[^\\w.$])\\$?${escaped(name)}(?![\\w(.])`);
  if (declares.test(node.type)) return named.test(node.text.split(/=(?!=)|\{/, 1)[0] ?? '');
  if (/^(?:assignment|variable_assignment|expression_statement)$/.test(node.type) && outside)
    return new RegExp(`^\\$?${escaped(name)}\\s*(?::[^=]+)?=(?!=)`).test(node.text);
  return false;
}

/** Something is chosen by it. */
function decidesBy(name: string, node: SyntaxNode): boolean {
  const word = new RegExp(`(?<![\\w.])${escaped(name)}(?!\\w)`);
  return [...nodesOf(node)].some((one) => {
    if (!conditions.test(one.type)) return false;
    const test = fieldOf(one, 'condition', 'value', 'subject') ?? one.kids.find(({ named }) => named);
    return test != null && word.test(shapeless(test.text)) && identifiersIn(test).length < 50;
  });
}

/** What it answers is taken out of a row of answers, or once. */
function isTaken(name: string, node: SyntaxNode): boolean {
  return [...nodesOf(node)].some(
    (one) =>
      isCall(one) &&
      ((/^(?:next)$/.test(calleeOf(one)) && shapeless(argumentsOf(one)[0]?.text ?? '') === name) ||
        new RegExp(`^${escaped(name)}\\.(?:shift|pop|popleft|next|Do|call_once)$`).test(calleeOf(one))),
  );
}
