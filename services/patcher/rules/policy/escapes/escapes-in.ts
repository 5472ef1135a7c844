import {
  around,
  fieldOf,
  type GrammarName,
  nodesOf,
  type SyntaxNode,
  type SyntaxTree,
} from '../../../../floor/text/syntax-tree.ts';
import { type Aim, noAim } from '../reading/aim.ts';
import { argumentsOf, calleeOf, canonOf, isCall, textOf } from '../reading/canonical-text.ts';
import { identifiersIn, nameOf } from '../reading/statements-of.ts';
import { inReserve, looserSignature } from './answers-in-reserve.ts';
import { besideIt } from './beside-it.ts';
import { constantAnswer } from './constant-answer.ts';
import { anything, assertionNames, broadErrors, escapes, ownWorld, sharedWorld, testWords } from './escape-words.ts';
import { keptStateIn } from './kept-state.ts';
import { oneQuestion } from './one-question.ts';
import { emptyValue, evaluated, indirect, joined, renamedValue, respelt, shelled } from './other-doors.ts';
import { arms, pinned } from './pinned-answers.ts';
import { knownInShell } from './shell-answers.ts';
import { type See, type Sighting, see } from './sighting.ts';
import { rowOfAnswers, speltOtherwise } from './spelt-otherwise.ts';
import { asked, compared } from './test-doors.ts';
import { anyError, byHeartIn, forgotten, panics } from './test-shortcuts.ts';
import { believed, believedByComment, onlyChecked } from './typed-doors.ts';
import { mentioned } from './unused-doors.ts';

/** All that a text does to get out of being judged, in its order; and what it may not do of all things, by what is mended. */
export function escapesIn({ root }: SyntaxTree, grammar: GrammarName, aim: Aim = noAim): Sighting[] {
  const found: Sighting[] = [];
  const all = [...looks, ...aimed(aim), ...(aim.test ? [byHeartIn(root), keptStateIn(root)] : [])];
  const told: readonly See[] = [directive, ...(aim.types ? [believedByComment] : [])];
  for (const node of nodesOf(root)) {
    for (const look of /comment/.test(node.type) ? told : all) {
      const seen = look(node, grammar);
      if (seen !== null)
        found.push({ ...seen, node: node.type, line: node.line, text: node.text.replace(/\s+/g, ' ').slice(0, 100) });
    }
  }
  return found;
}

const directive: See = (node, grammar) =>
  grammar === 'go' && /^\/\/go:(?:linkname|generate|debug|cgo_\w+)\b/.test(node.text)
    ? see('code_hidden', 'go directive', 'a directive reaches past what the code says')
    : null;

const paths =
  /^(?:attribute|member_expression|selector_expression|field_access|navigation_expression|scoped_identifier|member_access_expression|field_expression|call|scope_resolution|class_constant_access_expression|subscript_expression|subscript)$/;

/** Calls, and paths of names that are read without a call. */
const named: See = (node) => {
  const isPath = paths.test(node.type) && !isCall(node);
  if (
    !isCall(node) &&
    !isPath &&
    !/identifier|^variable_name$|^global_variable$|^special_variable_name$/.test(node.type)
  )
    return null;
  if (node.kids.length > 0 && node.text.length > 400 && !isCall(node)) return null;
  const name = isCall(node)
    ? calleeOf(node)
    : node.text
        .replace(/\s+/g, '')
        .replace(/->|::|\?\.|&\./g, '.')
        .replace(/^\$/, '');
  if (
    isPath &&
    node.parent !== null &&
    paths.test(node.parent.type) &&
    node.field !== 'arguments' &&
    escapes.every(({ names }) => !names.test(name))
  )
    return null;
  const isWord = !isCall(node) && !isPath;
  for (const { rule, names, why } of escapes) {
    if (!names.test(name)) continue;
    // A bare word is a name like any other, unless it is one of the world's.
    if (
      isWord &&
      !/^(?:BASH_SOURCE|FUNCNAME|PROGRAM_NAME|LOADED_FEATURES|__FILE__|SystemExit|KeyboardInterrupt)$/.test(name)
    )
      continue;
    if (rule === 'exit_forced' && isCall(node) && failsPlainly(node)) continue;
    if (
      rule === 'exit_forced' &&
      /\.(?:on|once|addListener)$/.test(name) &&
      !/exit|SIG|uncaught|unhandled/i.test(node.text)
    )
      continue;
    if (rule === 'exit_forced' && /^process\.exitCode$/.test(name) && /=\s*[1-9]/.test(node.parent?.text ?? ''))
      continue;
    if (
      isCall(node.parent ?? node) &&
      node.parent !== null &&
      node.field !== 'arguments' &&
      isPath &&
      calleeOf(node.parent) === name
    )
      continue;
    return see(rule, rule === 'exit_forced' ? exitKey(node) : name, why);
  }
  return null;
};

/** To end well, and to end as something else says, are two things. */
function exitKey(node: SyntaxNode): string {
  const args = argumentsOf(node).map(canonOf).join(' ');
  return /^(?:0|True|true|None|)$/.test(args) ? 'exit 0' : 'exit';
}

/** It ends with a number that says that something went wrong. */
function failsPlainly(node: SyntaxNode): boolean {
  const args = argumentsOf(node);
  return (
    args.length === 1 &&
    /^-?[1-9]\d*$/.test(canonOf(args[0] as SyntaxNode)) &&
    !/exec|spawn|kill|atexit|at_exit|shutdown/i.test(calleeOf(node))
  );
}

const tests: See = (node) => {
  const text =
    textOf(node) ??
    (node.type === 'word' ||
    node.type === 'raw_string' ||
    node.type === 'constant' ||
    node.type === 'variable_name' ||
    node.type === 'name' ||
    node.type === 'identifier' ||
    node.type === 'simple_identifier' ||
    node.type === 'property_identifier' ||
    node.type === 'field_identifier'
      ? node.text.replace(/^'|'$/g, '')
      : null);
  const why = 'a source speaks of tests: it must do the same whether it is tested or not';
  if (
    text !== null &&
    text.length <= 300 &&
    (textOf(node) !== null
      ? testWords.test(text)
      : /^(?:RSpec|Minitest|PHPUnit|PHPUNIT_\w+|XCTest\w*|NODE_ENV|JEST_\w+|VITEST\w*|BATS_\w+|PYTEST_\w+|jest|vitest|pytest|unittest|xunit)$/.test(
          text,
        ))
  ) {
    // The name of a file that is imported beside it tells nothing.
    return see('asks_about_tests', text, why);
  }
  if (node.type === 'macro_invocation' && /^cfg!\s*\((?:.*\W)?test\b/.test(node.text))
    return see('asks_about_tests', 'cfg', why);
  if (node.type === 'attribute_item' && /\bcfg(?:_attr)?\s*\(/.test(node.text) && /\btest\b/.test(node.text)) {
    const next = node.parent?.kids[(node.parent?.kids.indexOf(node) ?? 0) + 1];

    const plain =
      /^#\[cfg\(test\)\]$/.test(node.text.replace(/\s+/g, '')) &&
      /^(?:mod_item|use_declaration)$/.test(next?.type ?? '');
    return plain ? null : see('asks_about_tests', 'cfg', why);
  }
  return null;
};

const blockLike = /block|body|statements|then|compound_statement|ensure/;

/** A handler that takes any error and does nothing with it. */
const caught: See = (node, grammar) => {
  const why = 'a failure is caught and forgotten: treat it, or let it pass';
  if (
    /^return/.test(node.type) &&
    [...around(node)].some(({ type }) => /^(?:finally_clause|finally_block|ensure)$/.test(type))
  )
    return see('error_swallowed', 'finally', 'a return in the end of a try throws every failure away');
  if (node.type === 'template_function' && /^static_cast\s*<\s*void\s*>/.test(node.text))
    return see('error_swallowed', 'void', why);
  if (node.type === 'rescue_modifier') return see('error_swallowed', 'catch', why);
  if (node.type === 'error_suppression_expression') return see('error_swallowed', '@', why);
  if (node.type === 'try_expression' && grammar === 'swift' && /^try\s*\?/.test(node.text))
    return see('error_swallowed', 'try?', why);
  if (/^(?:except_clause|except_group_clause|catch_clause|catch_block|rescue)$/.test(node.type))
    return handler(node) ? see('error_swallowed', 'catch', why) : null;
  if (isCall(node)) {
    const callee = calleeOf(node);
    const [first] = argumentsOf(node);
    if (
      /\.catch$/.test(callee) &&
      (first === undefined ||
        /^(?:async )?\(?\w*\)? ?=> ?(?:\{\s*\}|undefined|null|void 0|false|true|\(?\{\s*\}\)?|\[\]|''|"")$|^(?:noop|_\.noop|function ?\(\w*\) ?\{\s*\}|Boolean)$/.test(
          first.text,
        ))
    )
      return see('error_swallowed', 'catch', why);
    if (/\.ok$/.test(callee) && grammar === 'rust' && node.parent?.type === 'expression_statement')
      return see('error_swallowed', 'ok', why);
  }
  if (node.type === 'let_declaration' && fieldOf(node, 'pattern')?.text === '_')
    return see('error_swallowed', 'ok', why);
  if (grammar === 'go' && /^(?:assignment_statement|short_var_declaration)$/.test(node.type)) {
    const left = fieldOf(node, 'left')?.text.replace(/\s/g, '') ?? '';
    const right = fieldOf(node, 'right');
    const call = right === null ? undefined : [...nodesOf(right)].find(isCall);
    if (
      /^(?:.*,)?_$/.test(left) &&
      call !== undefined &&
      !/(?:^|\.)(?:Close|Flush|Sync|Rollback|Stop|Unlock|F?[pP]rint\w*|Write\w*)$/.test(calleeOf(call))
    )
      return see('error_swallowed', '_', why);
  }
  if (
    grammar === 'go' &&
    node.type === 'if_statement' &&
    /\berr\s*!=\s*nil$/.test(fieldOf(node, 'condition')?.text ?? '') &&
    /^\{ (?:return )?\}$|^\{ ?\}$/.test(canonOf(fieldOf(node, 'consequence') ?? node)) &&
    !/\berr\b/.test([...around(node)].map((one) => fieldOf(one, 'result')?.text ?? '').join(' '))
  )
    return see('error_swallowed', 'err', why);
  if (node.type === 'cast_expression' && /^\(void\)\s*!?\s*\w+\s*\(/.test(node.text))
    return see('error_swallowed', 'void', why);
  return null;
};

function handler(node: SyntaxNode): boolean {
  const body =
    fieldOf(node, 'body') ?? node.kids.findLast(({ type, named: isNamed }) => isNamed && blockLike.test(type));
  const types = node.kids.filter((kid) => kid !== body && kid.named && !/comment/.test(kid.type));
  const classes = types.flatMap((kid) =>
    [...nodesOf(kid)]
      .filter(({ type, kids }) => kids.length === 0 && /identifier|^name$|constant|type/.test(type))
      .map(({ text }) => text),
  );
  const variable = node.kids
    .map((kid) =>
      /variable|alias|parameter|as_pattern|declaration|name|simple_identifier|identifier|catch_binding/.test(
        `${kid.type} ${kid.field ?? ''}`,
      )
        ? identifiersIn(kid).at(-1)
        : undefined,
    )
    .find((one) => one !== undefined);
  const isBroad =
    classes.length === 0 ||
    classes.some((one) => broadErrors.test(one)) ||
    /\.\.\./.test(types.map(({ text }) => text).join(' ')) ||
    !/[A-Z]/.test(classes.join(''));
  const inner = body == null ? [] : [...nodesOf(body)];
  const empty =
    body == null ||
    !inner.some(
      (one) =>
        one.named &&
        one.kids.length === 0 &&
        !/comment|pass_statement|^nil$|ellipsis/.test(one.type) &&
        one.text.trim() !== '' &&
        !/^[{}]$/.test(one.text),
    );
  if (!isBroad) return empty && /^catch/.test(node.type);
  const treats = inner.some(({ type, text }) => /throw|raise/.test(type) || /^(?:throw|raise|rethrow)$/.test(text));
  const tells = inner.some(
    (one) =>
      isCall(one) &&
      ((variable !== undefined && identifiersIn(one).includes(variable)) ||
        /(?:log|logger|console|warn|error|print|panic|fail|report|capture)\w*(?:\.|$)/i.test(calleeOf(one))),
  );
  return !treats && !tells;
}

/** Types that say nothing, casts, and what else tells a checker to believe. Long: a list of signs, each one condition. */
const widened: See = (node, grammar) => {
  const why = 'a type says less than before, or a checker is told to believe: say what it is';
  const rule = 'type_widened';
  if (
    /^(?:type|type_identifier|predefined_type|primitive_type|identifier|interface_type|named_type|any)$/.test(
      node.type,
    ) &&
    anything[grammar]?.test(node.text) === true
  ) {
    // Inside of a longer type it says nothing of a part alone.
    const over = node.parent?.type === 'type' ? node.parent.parent : node.parent;
    if (
      /^(?:subscript|type_parameter|generic_type|type_arguments|union_type|member_type|binary_operator)$/.test(
        over?.type ?? '',
      )
    )
      return null;
    const inType =
      [...around(node)].some(
        ({ type, field }) =>
          /type|annotation|parameter|cast|as_expression/.test(type) ||
          field === 'type' ||
          field === 'returns' ||
          field === 'return_type',
      ) || /^(?:type|returns|return_type)$/.test(node.field ?? '');
    if (inType && !(node.kids.length > 0 && node.kids.some((kid) => kid.named && kid.text === node.text)))
      return see(rule, 'any', why);
  }
  if (
    node.type === 'as_expression' &&
    /^(?:typescript|tsx)$/.test(grammar) &&
    (node.kids[0]?.type === 'as_expression' || /\bas (?:any|never)$/.test(node.text))
  )
    return see(rule, 'as', why);
  if (
    grammar === 'go' &&
    /^(?:call_expression|type_conversion_expression)$/.test(node.type) &&
    /^(?:any|interface ?\{ ?\})\s*\(/.test(node.text)
  )
    return see(rule, 'any', why);
  if (node.type === 'type_assertion' || node.type === 'non_null_expression' || node.type === 'unsafe_block')
    return see(rule, node.type, why);
  if (
    node.type === 'as_expression' &&
    (grammar === 'kotlin' ? !/\bas\?/.test(node.text) : grammar === 'swift' && /\bas!/.test(node.text))
  )
    return see(rule, 'as', why);
  if (node.type === 'postfix_expression' && /!!?$/.test(node.text) && /^(?:kotlin|swift)$/.test(grammar))
    return see(rule, '!', why);
  if (node.type === 'postfix_unary_expression' && /!$/.test(node.text)) return see(rule, '!', why);
  if (node.type === 'cast_expression' && grammar === 'cpp' && /^\([^()]*\*\s*\)/.test(node.text))
    return see(rule, 'pointer', why);
  if (node.type === 'template_function' && /^(?:const_cast|reinterpret_cast)\b/.test(node.text))
    return see(rule, 'pointer', why);
  if (node.type === 'type_cast_expression' && /\bas\s*\*/.test(node.text)) return see(rule, 'pointer', why);
  if (
    node.type === 'cast_expression' &&
    grammar === 'java' &&
    !/</.test(fieldOf(node, 'type')?.text ?? '<') &&
    /^(?:java\.util\.)?(?:List|Map|Set|Collection|Iterable|Optional|Class|Comparable|Supplier|Function)$/.test(
      fieldOf(node, 'type')?.text ?? '',
    )
  )
    return see(rule, 'raw', why);
  if (node.type === 'index_signature' && /:\s*(?:any|unknown)\b[^:]*$/.test(node.text)) return see(rule, 'index', why);
  if (
    (node.type === 'ambient_declaration' || node.type === 'module') &&
    /^(?:declare )?module\s+['"][^'"]*['"];?$/.test(node.text.trim())
  )
    return see(rule, 'module', why);
  return null;
};

const functionLike =
  /^(?:function_definition|function_declaration|method_declaration|method_definition|function_item|method|singleton_method|operator_declaration|function_signature_item)$/;
const equality =
  /^(?:__eq__|__ne__|__hash__|__lt__|__contains__|__bool__|equals|Equals|isEqual|eq|ne|==|!=|===|eql\?|equal\?|operator==|compareTo|hashCode|is_equal|Equal|matches\?|CompareTo)$/;

/** A function that says that anything is the same, whatever it is asked about. */
const equal: See = (node, grammar) => {
  if (!functionLike.test(node.type)) return null;
  const name = (nameOf(node) ?? '').replace(/\s+/g, '').replace(/\(.*$/s, '');
  const short = /operator\s*[!=]=/.exec(node.text.slice(0, 200)) !== null ? '==' : name;
  if (!equality.test(short) || /hash/i.test(short)) return null;
  const body = bodyOf(node);
  if (body === null) return null;
  const own = /^(?:python|rust)$/.test(grammar) && !/hash/.test(short);
  if (
    own &&
    !identifiersIn(body).includes('self') &&
    ![...nodesOf(body)].some(({ text, kids }) => kids.length === 0 && /^(?:self|super)$/.test(text))
  )
    return see('always_equal', short, 'a comparison never looks at what it compares');
  return /^(?:\{ )?(?:=> |= )?(?:return )?(?:true|True|false|False|0|1|Ordering :: Equal)(?: \})?$/.test(
    canonOf(body).replace(/^=\s*/, ''),
  )
    ? see('always_equal', short, 'a comparison gives the same answer whatever it is asked about')
    : null;
};

function bodyOf(node: SyntaxNode): SyntaxNode | null {
  return (
    fieldOf(node, 'body') ??
    node.kids.find(({ type }) => /^(?:function_body|block|compound_statement|arrow_expression_clause)$/.test(type)) ??
    null
  );
}

/** What tests are judged by has another definition. */
const replaced: See = (node, grammar) => {
  const why = 'what tests are judged by is replaced';
  const rule = 'assertion_replaced';
  if (
    functionLike.test(node.type) ||
    /^(?:macro_definition|preproc_def|preproc_function_def|class|module|class_declaration|namespace_definition|namespace_declaration|internal_module|alias|preproc_undef)$/.test(
      node.type,
    )
  ) {
    const name =
      (nameOf(node) ?? '')
        .replace(/\(.*$/s, '')
        .replace(/^\\/, '')
        .split(/[\\:.]/)[0] ?? '';
    const library = /macro|preproc|^module$|^class$|namespace/.test(node.type);
    if (grammar === 'cpp' && (comparesInC.test(name) || keywordInC.test(name))) return see(rule, name, why);
    const isMethod = [...around(node)].some(({ type }) => /class|impl|interface|trait/.test(type));
    if (
      assertionNames.test(name) &&
      (library || !isMethod) &&
      !(/^(?:fail|run|ok|it|skip|panic)$/.test(name) && grammar !== 'bash' && grammar !== 'ruby')
    )
      return see(rule, name, why);
  }
  if (
    /^(?:assignment|assignment_expression|augmented_assignment|augmented_assignment_expression|assignment_statement)$/.test(
      node.type,
    )
  ) {
    const left = fieldOf(node, 'left')?.text.replace(/\s+/g, '') ?? '';
    const [root = ''] = left.split(/[.[\]:]|->/);
    const part = left.length > root.length;
    // To end as a failure is no way out.
    if (left === 'process.exitCode' && /^[1-9]\d*$/.test(fieldOf(node, 'right')?.text ?? '')) return null;
    if (/^(?:pytest_\w+|pytestmark|collect_ignore\w*|__test__|__unittest)$/.test(left)) return see(rule, left, why);
    if (part && (sharedWorld.test(root) || /\.prototype\b|^require\(|^import\(/.test(left)) && !ownWorld.test(left))
      return see(rule, left.slice(0, 80), why);
    if (
      part &&
      /(?:^|\.)(?:assert\w*|expect|TestCase|toBe|toEqual|(?:deepS|notS|s)trictEqual|deepEqual|__eq__|__class__|__code__|__globals__)\b/.test(
        left,
      )
    )
      return see(rule, left.slice(0, 80), why);
  }
  if (
    /^(?:attribute_list|attribute_specifier|attribute|attribute_declaration)$/.test(node.type) &&
    /\b(?:ModuleInitializer|constructor|destructor|init_priority)\b/.test(node.text)
  )
    return see('exit_forced', 'early', 'code runs before anything that is asked for');
  return null;
};

const plain =
  /^(?:0|1|-1|- 1|""|true|false|True|False|None|null|nil|NULL|nullptr|undefined|\[ ?\]|\{ ?\}|\( ?\)|0\.0|1\.0)$/;
const literal = /^(?:-? ?[\d.][\w.]*|"(?:[^"\\]|\\.)*")$/;

const collection = /^[[({] (?:(?:-? ?\d[\w.]*|"(?:[^"\\]|\\.)*"|null|None|true|false) )+[\])}]$/;

/** What C's own library compares, ends and says by. */
const comparesInC =
  /^(?:(?:str|strn|mem|wcs)(?:case)?cmp|strncasecmp|abort|exit|_exit|printf|fprintf|puts|__assert_fail)$/;

const keywordInC =
  /^(?:if|else|for|while|do|return|switch|case|break|continue|goto|int|char|long|unsigned|signed|const|static|sizeof|struct|bool|true|false|NULL|void|double|float)$/;

/** An answer that is known by heart for one question. */
const byHeart: See = (node, grammar) => {
  const why = 'an answer is given by heart for one question: work it out';
  if (grammar === 'bash') return knownInShell(node) ? see('known_by_heart', 'branch', why) : null;
  if (
    /^(?:if_statement|if_expression|if|elsif|elif_clause|if_modifier|ternary_expression|conditional_expression|conditional)$/.test(
      node.type,
    )
  ) {
    const test = fieldOf(node, 'condition') ?? node.kids.find((kid) => kid.named);
    if (test == null) return null;
    const asked = compares(canonOf(test));
    if (!asked) return null;
    const given = answer(node, test);
    const isSaid = given !== null && (literal.test(given) || (collection.test(given) && /\d|"\w/.test(given)));
    return isSaid && !plain.test(given) ? see('known_by_heart', 'branch', why) : null;
  }
  if (node.type === 'pair' || node.type === 'keyed_element' || node.type === 'array_element_initializer') {
    const [key, , value] = node.kids;
    if (key === undefined || value === undefined) return null;
    const compound =
      /^(?:\(|\[)|^"[^"]*[[,][^"]*"$/.test(canonOf(key)) || (grammar === 'python' && key.type === 'tuple');
    return compound && literal.test(canonOf(value)) ? see('known_by_heart', 'table', why) : null;
  }
  return null;
};

/** Names are held against values, and against nothing else. */
function compares(test: string): boolean {
  const parts = test.split(/ (?:&&|\|\||and|or) /);
  const values = parts.flatMap(
    (part) =>
      /^(?:.{1,120}?) (?:={2,3}|is|eq|in|-eq|=) (.+)$/.exec(part)?.[1] ??
      /(?:equals|eql\?|Equal|deepEqual|SequenceEqual|contentEquals|==) \( (.+) \)$/.exec(part)?.[1] ??
      [],
  );
  const called = /(?:equals|SequenceEqual|contentEquals|isEqual|stringify|slices \. Equal|DeepEqual|array_equal)/.test(
    test,
  );
  if (values.length !== parts.length && !called) return false;
  const collections = values.some(
    (one) => /^(?:\[|\(|\{|& \[|vec|listOf|arrayOf|new|Arrays|List \. of|array|"\[)/.test(one) && /\d|"/.test(one),
  );
  const many = values.filter((one) => literal.test(one)).length;
  return (
    collections ||
    called ||
    (many >= 2 && many === parts.length) ||
    (many === 1 && parts.length === 1 && /^-? ?(?:\d{2,}|[2-9]|0[xbo]\w)|^"/.test(values[0] ?? ''))
  );
}

function answer(node: SyntaxNode, test: SyntaxNode): string | null {
  const rest = node.kids.filter(
    (kid) =>
      kid.named &&
      kid !== test &&
      !/comment|else/.test(kid.type) &&
      kid.field !== 'alternative' &&
      kid.field !== 'condition',
  );
  const [first] = rest;
  if (first === undefined) return null;
  const said = canonOf(first)
    .replace(/^\{ (.*) \}$/, '$1')
    .replace(/^then /, '');
  const returned = /^(?:return|echo|yield) (.+)$/.exec(said)?.[1];
  return returned ?? (/ternary|conditional/.test(node.type) || /if_expression|^if$/.test(node.type) ? said : null);
}

/** Code that can never run, or that hands a name to its caller in the dark. Long: a list of signs, each one condition. */
const dark: See = (node, grammar) => {
  const condition =
    /^(?:if_statement|if_expression|if|elif_clause|while_statement|while|unless|if_modifier|while_expression)$/.test(
      node.type,
    )
      ? fieldOf(node, 'condition')
      : null;
  if (condition !== null && /^(?:false|False|0|! true|not True|None|nil|null|! 1|"")$/.test(canonOf(condition)))
    return see('excluded_from_build', 'if', 'code can never run');
  if (isEndless(node)) return see('exit_forced', 'endless', 'it never comes back: let it end, or fail');
  if (
    (node.type === 'preproc_if' || node.type === 'preproc_elif') &&
    /^#\s*(?:el)?if\s+\(?\s*(?:0|false|!\s*1)\b/.test(node.text)
  )
    return see('excluded_from_build', 'if', 'code is left out of the build');
  if (node.type === 'if_preproc' && /^#if\s+false/.test(node.text))
    return see('excluded_from_build', 'if', 'code is left out of the build');
  if (
    (node.type === 'attribute_item' || node.type === 'inner_attribute_item') &&
    /\bcfg\s*\(\s*(?:any\s*\(\s*\)|not\s*\(\s*all\s*\(\s*\)|FALSE|false|never|disabled|feature)/.test(node.text)
  )
    return see('excluded_from_build', 'cfg', 'code is left out of the build');
  if (
    node.type === 'preproc_call' &&
    /^#\s*(?:line\b|\d+\s+")|^#\s*pragma\s+(?:GCC\s+)?(?:system_header|diagnostic)/.test(node.text)
  )
    return see('suppression_added', 'marker', 'a line marker tells the compiler that the code is not its own');
  if (node.type === 'preproc_directive' && /^#\s*(?:line|\d+)/.test(node.text))
    return see('suppression_added', 'marker', 'a line marker tells the compiler that the code is not its own');
  if (isCall(node) && calleeOf(node) === '_Pragma')
    return see('suppression_added', 'pragma', 'a pragma silences a tool');
  if (
    grammar === 'python' &&
    (node.type === 'dictionary_splat' || node.type === 'list_splat') &&
    node.kids.some(({ type }) => /^(?:dictionary|list|tuple|call)$/.test(type)) &&
    isArgument(node)
  )
    return see('code_hidden', 'splat', 'an argument is handed over so that no tool can read it');
  if (isCall(node)) {
    const callee = calleeOf(node);
    const [first, second] = argumentsOf(node);
    if (
      /^(?:getattr|Reflect\.get)$/.test(callee) &&
      second !== undefined &&
      (textOf(second) === null || /^__/.test(textOf(second) ?? ''))
    )
      return see('code_hidden', 'getattr', 'code is put together at run time');
    if (grammar === 'python' && callee === 'type' && argumentsOf(node).length === 3)
      return see('code_hidden', 'type', 'a class is put together at run time');
    if (/(?:^|\.)send$/.test(callee) && grammar === 'ruby' && first !== undefined)
      return see('code_hidden', 'send', 'code is put together at run time');
    if (grammar === 'php' && fieldOf(node, 'function')?.type === 'variable_name')
      return see('code_hidden', 'variable', 'a function is called by a name that is put together at run time');
    const target = fieldOf(node, 'function');
    if (
      target !== null &&
      /subscript/.test(target.type) &&
      /['"`]\s*\+|\+\s*['"`]|globalThis|window|global\b|globals\(\)|__builtins__/.test(target.text)
    )
      return see('code_hidden', 'subscript', 'code is put together at run time');
  }
  if (/subscript/.test(node.type) && /^(?:globalThis|window|global|globals\(\)|__builtins__)\s*\[/.test(node.text))
    return see('code_hidden', 'subscript', 'code is put together at run time');
  return null;
};

const isEndless = (node: SyntaxNode) =>
  node.named &&
  /^(?:loop|while|for|do|repeat_while)_?(?:statement|expression)?$/.test(node.type) &&
  /^(?:loop|while \(? ?(?:true|True|1) ?\)?|for \( ; ; \)|for) ?(?::|:? ?pass|;|\{ (?:; )?\})?$/.test(canonOf(node));

const isArgument = (node: SyntaxNode) => /argument/.test(node.parent?.type ?? '');

/** What only a patch for a failing test is asked: does it know the one test, instead of the work? */
const ofOneTest: See = (node) => {
  const why = 'an answer is given by heart for one question: work it out';
  const number = /^-? ?\d[\d._]*[a-zA-Z]?$/;
  if (arms.test(node.type) || /^(?:pair|keyed_element|array_element_initializer)$/.test(node.type)) {
    const values = canonOf(node)
      .replace(/\b(?:case|return|when|then|break|yield|echo)\b|=>|[:{}]|->/g, ' ')
      .trim()
      .split(/\s+/);
    return values.length === 2 && values.every((one) => number.test(one)) ? see('known_by_heart', 'value', why) : null;
  }
  const name = isCall(node)
    ? calleeOf(node)
    : paths.test(node.type)
      ? node.text.replace(/\s+/g, '').replace(/->|::|\?\.|&\./g, '.')
      : '';
  if (isCall(node) && /(?:^|\.)(?:Map\.of|mapOf|ofEntries|HashMap\.from)$/.test(name)) {
    const values = argumentsOf(node).map(canonOf);
    return values.length > 0 && values.every((one) => number.test(one)) ? see('known_by_heart', 'value', why) : null;
  }
  if (/identifier$/.test(node.type) && /^(?:isMainThread|parentPort|threadId)$/.test(node.text))
    return see('asks_about_tests', node.text, 'a source finds out where it is run: it must do the same everywhere');
  return world.test(name)
    ? see('asks_about_tests', name, 'a source finds out where it is run: it must do the same everywhere')
    : null;
};

const world =
  /^(?:os\.(?:environ|getenv|getpid|getppid|environb)|process\.env|ENV|(?:std\.)?env\.vars?(?:_os)?|option_env|os\.(?:Getenv|LookupEnv|Environ|Getpid|Getppid)|getenv|secure_getenv|std\.getenv|System\.(?:getProperty|getenv|getProperties)|(?:System\.)?Environment\.(?:GetEnvironmentVariables?|UserInteractive|ProcessPath)|ProcessInfo\.processInfo\.environment|(?:std\.)?thread\.current(?:\(\)\.name)?|Thread\.currentThread(?:\(\)\..+)?|threading\.(?:current_thread|enumerate|main_thread)|(?:.*\.)?Process\.GetCurrentProcess|(?:.*\.)?isatty|getppid|__main__|php_sapi_name|\$_(?:SERVER|ENV))$/;

/** What a shell does to end well whatever happened. */
const shell: See = (node, grammar) => {
  if (grammar !== 'bash') return null;
  const why = 'a failure is turned into success: let it fail, and mend its cause';
  if (/^(?:simple_)?expansion$/.test(node.type) && /^\$\{?0\b/.test(node.text) && isAsked(node))
    return see(
      'asks_about_tests',
      '$0',
      'a source finds out who runs it: it must do the same whether it is tested or not',
    );
  if (node.type === 'pipeline' && /\|&?\s*(?:true|:|\/bin\/true)\s*$/.test(node.text))
    return see('exit_forced', 'or-true', why);
  const inValue = [...around(node)].some(({ type }) => /command_substitution|process_substitution/.test(type));
  if (
    node.type === 'list' &&
    !inValue &&
    /\|\|\s*(?:true|:|\/bin\/true|exit 0|return 0|echo\b.*|printf\b.*)\s*$/.test(node.text)
  )
    return see('exit_forced', 'or-true', why);
  if (node.text === '&' && !node.named)
    return see('exit_forced', 'background', 'a command is left to itself: nobody hears whether it fails');
  if (node.type === 'negated_command' && node.field === 'condition') {
    const body = node.parent?.text ?? '';
    if (!/\b(?:exit|return)\s+[1-9$]|\bfalse\b|\bdie\b|\bfail\b|\babort\b/.test(body))
      return see('exit_forced', 'if-not', why);
  }
  if (node.type === 'command') {
    const text = canonOf(node);
    if (/^exec (?:true|:|\/bin\/true)/.test(text) || /^(?:exit|return) 0$/.test(text))
      return see('exit_forced', 'exit 0', why);
    if (/^trap\b/.test(text) && /\b(?:exit|true|:|kill|return)\b/.test(text) && /EXIT|ERR|0$/.test(text))
      return see('exit_forced', 'trap', why);
    if (/^shopt -u|^ulimit|^enable -n|^alias /.test(text)) return see('exit_forced', 'shopt', why);
  }
  if (node.type === 'function_definition') {
    const name = nameOf(node) ?? '';
    if (/^(?:test|\[|\[\[|assert\w*|exit|set|trap|false|return|run|skip|command|builtin|diff|cmp|grep)$/.test(name))
      return see('assertion_replaced', name, 'what tests are judged by is replaced');
  }
  return null;
};

const isAsked = (node: SyntaxNode) =>
  [...around(node)].some(({ type }) => /^(?:test_command|case_statement)$/.test(type));

/** Of a patch for an error that nobody hears: what is put off is not heard either. */
const leftAlone: See = (node) =>
  node.type === 'defer_statement' || node.type === 'go_statement'
    ? see('error_swallowed', node.type, 'a failure is put off, so that nobody hears of it: treat it')
    : null;

/** A module that is fetched from an address. */
const foreign: See = (node) => {
  const text = textOf(node);
  if (text === null || !/^(?:https?:|\/\/|data:|file:|git[+:@]|npm:|jsr:|blob:|ftp:)/.test(text)) return null;
  const loads = [node.parent, ...around(node)]
    .slice(0, 4)
    .some(
      (one) =>
        one !== null &&
        (/^(?:import|export)_?(?:statement|from|declaration|expression)?$|import_spec|use_declaration|require_once_expression|include_expression|include_once_expression|require_expression/.test(
          one.type,
        ) ||
          (isCall(one) &&
            /^(?:import|require|importScripts|require_once|include|include_once|load|source|importlib\.import_module|register)$/.test(
              calleeOf(one),
            ))),
    );
  return loads ? see('foreign_module', text, 'a module is loaded from a foreign address') : null;
};

const looks: readonly See[] = [
  named,
  tests,
  caught,
  widened,
  equal,
  replaced,
  byHeart,
  dark,
  onlyChecked,
  shell,
  foreign,
  indirect,
  speltOtherwise,
];

const aimed = (aim: Aim): See[] => [
  ...(aim.test
    ? [ofOneTest, oneQuestion, pinned, constantAnswer, besideIt, compared, asked, rowOfAnswers, inReserve]
    : []),
  ...(aim.test || aim.errors ? [forgotten] : []),
  ...(aim.errors ? [anyError, leftAlone] : []),
  ...(aim.types ? [believed, looserSignature] : []),
  ...(aim.unused ? [mentioned] : []),
  ...(aim.panics ? [panics] : []),
  ...(aim.hidden ? [evaluated] : []),
  ...(aim.shell ? [shelled] : []),
  ...(aim.secret ? [respelt] : []),
  ...(aim.query ? [joined] : []),
  ...(aim.security ? [renamedValue, emptyValue] : []),
];
