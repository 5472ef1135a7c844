import { around, fieldOf, nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { argumentsOf, calleeOf, canonOf, isCall } from '../reading/canonical-text.ts';
import { identifiersIn, nameOf } from '../reading/statements-of.ts';
import { broadErrors } from './escape-words.ts';
import { type See, see } from './sighting.ts';

const swallows = 'a failure is caught and forgotten: treat it, or let it pass';

/** Of a patch for a failure: the forms in which libraries catch and forget. */
export const forgotten: See = (node, grammar) => {
  const found = (key: string) => see('error_swallowed', key, swallows);
  if (isCall(node)) {
    const callee = calleeOf(node);
    const args = argumentsOf(node);
    if (
      /(?:^|\.)(?:runCatching|catch_unwind|AssertUnwindSafe|set_hook|allSettled|CoroutineExceptionHandler|supervisorScope|set_exception_handler|recoverCatching)$/.test(
        callee,
      )
    )
      return found(callee.replace(/^.*\./, ''));
    if (/\bcatch\b|\bTry\.of/.test(callee) && /\.(?:getOrElse|orElse|fold|recover)$/.test(callee))
      return found('getOrElse');
    if (/^(?:javascript|typescript|tsx)$/.test(grammar)) {
      const taken = /\.catch$/.test(callee) ? args[0] : /\.then$/.test(callee) ? args[1] : undefined;
      if (taken !== undefined && !isTreated(taken)) return found('catch');
    }
    if (
      grammar === 'rust' &&
      /\.(?:unwrap_or_else|map_or_else|or_else)$/.test(callee) &&
      /^\|_\w*\|/.test(args[0]?.text ?? '')
    )
      return found('or_else');
  }
  if (node.type === 'keyword_argument' && /^return_exceptions\s*=\s*(?!False)/.test(node.text)) return found('gather');
  if (node.type === 'return_statement' && grammar === 'python') {
    const over = [...around(node)].find(({ type }) => type === 'function_definition');
    if (
      over !== undefined &&
      /^__a?exit__$/.test(nameOf(over) ?? '') &&
      !/^return(?: (?:False|None|await .*__aexit__.*|.*__exit__ \( .*))?$/.test(canonOf(node))
    )
      return found('exit');
  }
  return null;
};

/** Of a patch for an error that is caught: another name for all errors is all errors. */
export const anyError: See = (node) => {
  const value = /assignment|declarator|declaration|alias/.test(node.type)
    ? fieldOf(node, 'right', 'value', 'type')
    : node.type === 'except_clause'
      ? node.kids.find(isCall)
      : null;
  const names = value == null ? [] : [...nodesOf(value)].filter(({ kids }) => kids.length === 0);
  return names.some(({ text }) => broadErrors.test(text)) && !names.some(({ text }) => /^(?:new|raise)$/.test(text))
    ? see('error_swallowed', 'any', 'another name for all errors catches as much: say which ones')
    : null;
};

/** Of a patch for a value that is taken without a look: to end the program by another word is no look. */
export const panics: See = (node) =>
  (node.type === 'macro_invocation' && /^(?:panic|unreachable|todo|unimplemented)\s*!/.test(node.text)) ||
  node.type === 'index_expression'
    ? see('exit_forced', 'panic', 'the program ends all the same: hand the failure on')
    : null;

/** A handler that fails again, or that somebody else wrote and that is handed on by name. */
function isTreated(handler: SyntaxNode): boolean {
  const inner = [...nodesOf(handler)];
  if (/^(?:identifier|member_expression)$/.test(handler.type)) return !/noop|identity|Boolean/i.test(handler.text);
  if (/^(?:undefined|null)$/.test(handler.type)) return true;
  const parameters = fieldOf(handler, 'parameter', 'parameters');
  const names = parameters === null ? [] : identifiersIn(parameters);
  return inner.some(
    (one) =>
      one.type === 'throw_statement' ||
      (isCall(one) &&
        (/(?:^|\.)(?:reject|next|abort|fail|done|callback|cb)$/.test(calleeOf(one)) ||
          /(?:log|logger|console|warn|error|report|capture)\w*(?:\.|$)/i.test(calleeOf(one)) ||
          argumentsOf(one).some((arg) => identifiersIn(arg).some((name) => names.includes(name))))),
  );
}

const literal = /^(?:-? ?[\d.][\w.]*|"(?:[^"\\]|\\.)*"|:\w+)$/;
const heart = 'an answer is given by heart for one question: work it out';
const branches =
  /^(?:if_statement|if_expression|if|elsif|elif_clause|if_modifier|ternary_expression|conditional_expression|conditional)$/;
const tables =
  /^(?:dictionary|object|hash|array|array_creation_expression|composite_literal|dictionary_literal|object_creation_expression|new_expression|call_expression|call|method_invocation)$/;

/** Of a patch for a failing test: what is asked for by name is not looked up before it is worked out. */
export function byHeartIn(root: SyntaxNode): See {
  const known = new Set<string>();
  for (const node of nodesOf(root)) {
    const value = fieldOf(node, 'value', 'right');
    const name = fieldOf(node, 'name', 'left', 'pattern');
    if (value !== null && name !== null && name.text.length < 80 && isTable(value)) known.add(plainName(name.text));
  }
  return (node) => {
    const found = (key: string) => see('known_by_heart', key, heart);
    if (known.size === 0) return null;
    if (branches.test(node.type) && isLookedUpFirst(node, known)) return found('first');
    if (isCall(node)) {
      const [, receiver = '', method = ''] =
        /^(.+)\.(get|setdefault|pop|getOrDefault|fetch|dig|GetValueOrDefault)$/.exec(calleeOf(node)) ?? [];
      const [key, other] = argumentsOf(node).map(canonOf);
      const rest =
        other ??
        (node.kids.find(({ field }) => field === 'block')?.text ||
          (/\?\?|\|\||\?:/.test(node.parent?.text ?? '') && method === 'get' ? '?' : undefined));
      if (
        known.has(plainName(receiver)) &&
        key !== undefined &&
        !literal.test(key) &&
        rest !== undefined &&
        !literal.test(rest) &&
        !/^(?:None|nil|null|\[ ?\]|\{ ?\})$/.test(rest) &&
        rest !== key
      )
        return found('default');
    }
    if (
      /^(?:subscript|subscript_expression|element_reference|element_access_expression|index_expression|indexing_expression)$/.test(
        node.type,
      )
    ) {
      const object = node.kids[0]?.text ?? '';
      const over = node.parent;
      if (!known.has(plainName(object)) || over === null) return null;
      const rest = over.kids.at(-1);
      if (
        over.kids.some(({ text }) => /^(?:\?\?|\|\||\?:|or)$/.test(text)) &&
        rest !== undefined &&
        rest !== node &&
        !literal.test(canonOf(rest)) &&
        !/^(?:None|nil|null|undefined)$/.test(rest.text)
      )
        return found('default');
    }
    return null;
  };
}

const plainName = (text: string) => text.replace(/\s+|[$]|^(?:self|this|cls|Self)\.|:.*$/g, '');

/** `if text in seen: return seen[text]`, in the words of each language. */
function isLookedUpFirst(node: SyntaxNode, known: ReadonlySet<string>): boolean {
  const parts = [fieldOf(node, 'initializer'), fieldOf(node, 'condition')].flatMap((one) =>
    one === null ? [] : [one],
  );
  const asked = parts.flatMap((one) => identifiersIn(one)).some((name) => known.has(plainName(name)));
  const then = fieldOf(node, 'consequence') ?? node.kids.filter(({ named }) => named)[1];
  if (!asked || then == null) return false;
  const said = canonOf(then).replace(/^(?:\{|then) | \}$/g, '');
  const given = /^(?:return )?([$\w]+(?: \. \w+)?)(?: (?:\.|->) (?:get|fetch))? ?(?:[[(] [^+*]{1,60} [\])])?$/.exec(
    said,
  )?.[1];
  if (given === undefined) return false;
  const declared = fieldOf(node, 'initializer');
  return known.has(plainName(given)) || (declared !== null && identifiersIn(declared)[0] === given);
}

/** Words and numbers that stand for words and numbers. */
export function isTable(value: SyntaxNode): boolean {
  if (value.type === 'expression_list') return value.kids.length === 1 && isTable(value.kids[0] as SyntaxNode);
  if (!tables.test(value.type) || value.text.length > 20_000) return false;
  const pairs = [...nodesOf(value)].filter(({ type }) =>
    /^(?:pair|keyed_element|array_element_initializer|dictionary_literal_item)$/.test(type),
  );
  if (pairs.length > 0)
    return pairs.every(({ kids }) => {
      const ends = kids.filter(({ named }) => named);
      return (
        ends.length === 2 &&
        ends.every((one, at) => (at === 0 && /identifier/.test(one.type)) || literal.test(canonOf(one)))
      );
    });
  return (
    /^(?:new )?(?:Map\.of|Map|mapOf|HashMap::from|dict)\b/.test(value.text) &&
    /^[^a-z]*$/.test(value.text.replace(/^(?:new )?[\w.:]+|"[^"]*"|'[^']*'|\bto\b/g, ''))
  );
}
