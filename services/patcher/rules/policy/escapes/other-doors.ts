import { fieldOf, nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { argumentsOf, calleeOf, canonOf, isCall, textOf } from '../reading/canonical-text.ts';
import { type See, see } from './sighting.ts';

const hides = 'code is put together at run time, so that no tool can read it';
const unsafe =
  /^(?:strcpy|strcat|stpcpy|wcscpy|wcscat|sprintf|vsprintf|gets|scanf|sscanf|fscanf|system|popen|mktemp|tmpnam|tempnam|strtok|alloca)$/;
const makers =
  /^(?:arrow_function|function_expression|function|generator_function|array|string|template_string|number)$/;

/** Doors to the same thing that a tool does not see: a function held by a pointer, a constructor of functions. */
export const indirect: See = (node, grammar) => {
  if (grammar === 'cpp' && node.type === 'identifier' && unsafe.test(node.text)) {
    const over = node.parent;
    const called =
      over === null || (over.type === 'call_expression' && node.field === 'function') || /declarator/.test(over.type);
    if (!called) return see('code_hidden', `alias ${node.text}`, 'an unsafe function is called by another name');
  }
  if (grammar === 'cpp') {
    const name = isCall(node) ? /^__(?:builtin_)?_*(\w+?)(?:_chk)?$/.exec(calleeOf(node))?.[1] : undefined;
    if (name !== undefined && unsafe.test(name))
      return see('code_hidden', 'alias', 'an unsafe function is called by another name');
    if (node.type === 'init_declarator' && fieldOf(node, 'value')?.text === fieldOf(node, 'declarator')?.text)
      return see('suppression_added', 'itself', 'a value is set to itself, which only tells a compiler to be silent');
  }
  if (grammar === 'bash' && node.type === 'command' && isUnquoted(node)) return see('code_hidden', 'sh -c', hides);
  if (node.type === 'preproc_arg' && unsafe.test(node.text.trim()))
    return see('code_hidden', 'alias', 'an unsafe function is called by another name');
  if (/^(?:javascript|typescript|tsx)$/.test(grammar)) {
    if (node.type === 'member_expression' && fieldOf(node, 'property')?.text === 'constructor') {
      const object = bare(fieldOf(node, 'object') ?? node);
      if (makers.test(object.type) || /\.constructor$|getPrototypeOf\(/.test(object.text))
        return see('code_hidden', 'constructor', hides);
    }
    const text = textOf(node);
    if (
      text !== null &&
      /^(?:node:)?vm$/.test(text) &&
      (/^import|^export/.test(node.parent?.type ?? '') || /argument/.test(node.parent?.type ?? ''))
    )
      return see('code_hidden', 'vm', hides);
    if (
      isCall(node) &&
      calleeOf(node) === 'import' &&
      /^[`'"]\s*(?:data|blob|https?):/.test(argumentsOf(node)[0]?.text ?? '')
    )
      return see('foreign_module', 'import', 'a module is loaded from a foreign address');
  }
  return null;
};

/** A second shell reads words that the first one was to quote. */
function isUnquoted(command: SyntaxNode): boolean {
  const words = command.kids.map(({ text }) => text);
  const shell = words.findIndex((word) => shells.test(word));
  const told = shell < 0 || !/^-\w*c$/.test(words[shell + 1] ?? '') ? '' : (words[shell + 2] ?? '');
  return /^"/.test(told) ? /[$`]/.test(told) : /\$[\w{(*@]/.test(told.replace(/"[^"]*"/g, ''));
}

/** Of a patch for code that was made up at run time. */
export const evaluated: See = (node, grammar) => {
  if (isCall(node)) {
    const callee = calleeOf(node);
    const [first] = argumentsOf(node);
    if (
      /^(?:ERB\.new|Tilt\..+|Haml\..+|Slim\..+|TOPLEVEL_BINDING\..+|RubyVM.+|code\.\w+|codeop\.\w+|runpy\.\w+|pickle\.loads?|(?:.*\.)?(?:runsource|runcode|from_string|methodcaller|getEngineByName|evaluate|runIn\w*Context|compileFunction|insertAdjacentHTML|literal_eval_unsafe|safe_eval|numexpr|sympify))$/.test(
        callee,
      )
    )
      return see('code_hidden', callee, hides);
    if (/^(?:import|require)$/.test(callee) && first !== undefined && textOf(first) === null)
      return see('code_hidden', 'import', hides);
  }
  if (/member_expression|attribute/.test(node.type) && /\.constructor$/.test(node.text))
    return see('code_hidden', 'constructor', hides);
  if (node.type === 'identifier' && /^(?:eval|exec|Function|execSync)$/.test(node.text) && grammar !== 'bash') {
    const over = node.parent;
    if (over !== null && !(isCall(over) && (node.field === 'function' || node.field === 'constructor')))
      return see('code_hidden', `alias ${node.text}`, hides);
  }
  return null;
};

const shells = /^(?:\/usr)?(?:\/local)?(?:\/bin\/)?(?:ba|z|da|k|a|c|tc|fi)?sh$|^(?:cmd|powershell|pwsh)(?:\.exe)?$/i;

/** Of a patch for a command that goes through a shell: it goes through none, by whatever name. */
export const shelled: See = (node, grammar) => {
  if (grammar === 'bash') return null;
  const why = 'a command goes through a shell all the same: start the program itself';
  const text = textOf(node);
  return text !== null && (shells.test(text) || /^(?:.*\s)?(?:ba|z|da)?sh\s+-\w*c\b/.test(text))
    ? see('shell_used', 'shell', why)
    : null;
};

const decoders =
  /(?:^|\.)(?:fromhex|\w*b\d\d\w*|a85decode|unhexlify|from|atob|fromCharCode|fromCodePoint|decodeURIComponent|unescape|\w*[dD]ecode\w*|unpack1?|pack|chr|hex2bin|str_rot13|strrev|base64_decode|FromBase64String|FromHexString|GetString|reverse|rev|join|concat|bytes|bytearray|String|string|strtr|replace|fromBase64|of)$/;

/** Of a patch for a secret in a source: it is not there, in whatever letters. */
export const respelt: See = (node) => {
  const why = 'a secret stays in the source in other letters: let whoever runs it hand it over';
  if (isCall(node) && decoders.test(calleeOf(node)) && isKnown(node)) return see('secret_respelt', 'call', why);
  // The outermost sum speaks for those in it.
  if (
    /^(?:binary_expression|binary_operator|binary|concatenated_string|additive_expression)$/.test(node.type) &&
    node.parent?.type !== node.type &&
    isKnown(node)
  )
    return see('secret_respelt', 'sum', why);
  const numbers = node.kids.filter(({ text }) => /^(?:0x[\da-f]{1,2}|\d{1,3}|b?'.{1,4}'|"[^"]")$/i.test(text));
  return numbers.length >= 4 && !/^(?:argument|parameter)/.test(node.type)
    ? see('secret_respelt', 'letters', why)
    : null;
};

/** All that it works with is in the text itself. */
function isKnown(node: SyntaxNode): boolean {
  const leaves = [...nodesOf(node)].filter(({ type }) => type !== 'comment');
  const texts = leaves
    .flatMap((one) => textOf(one) ?? [])
    .filter((one) => !/^(?:utf-?8|base64|hex|ascii|latin1|)$/i.test(one));
  const numbers = leaves.filter(
    ({ kids, text }) => kids.length === 0 && /^(?:0x)?[\da-f]+$/i.test(text) && /\d/.test(text),
  );
  const reads =
    /\b(?:env\w*|getenv|config\w*|settings|secrets?\.|vault|keyring|read\w*|open|argv|args|input|prompt|load\w*)\b/i;
  return (texts.some((one) => one.length >= 2) || numbers.length >= 3) && !reads.test(node.text);
}

/** Of a patch for a query that is put together: its values are handed over beside it. */
export const joined: See = (node) => {
  const why = 'a query is put together all the same: hand its values over beside it';
  if (/augmented|compound_assign|operator_assignment/.test(node.type) || /^(?:\+|\.)=$/.test(node.kids[1]?.text ?? ''))
    return see('query_joined', 'grows', why);
  if (
    /^(?:binary_expression|binary_operator|binary)$/.test(node.type) &&
    /^(?:\+|\.|%|<<)$/.test(node.kids[1]?.text ?? '')
  )
    return [...nodesOf(node)].some((one) => /string/.test(one.type)) && textOf(node.kids[2] ?? node) === null
      ? see('query_joined', 'sum', why)
      : null;
  if (!isCall(node)) return null;
  const callee = calleeOf(node);
  if (/^(?:psycopg\d?\.)?sql\.|SQL\(\)/.test(callee)) return null;
  if (/(?:^|\.)join$/.test(callee) && /^\(? ?"(?:\?|%s)"/.test(argumentsOf(node).map(canonOf).join(' '))) return null;
  return /^(?:repr|fmt\.Sprintf|String\.format|sprintf|.*\.(?:join|format|concat|replace|Replace|quote\w*|format_map|__add__|__mod__)|addslashes|quote)$/.test(
    callee,
  )
    ? see('query_joined', 'call', why)
    : null;
};

function bare(node: SyntaxNode): SyntaxNode {
  const inner = node.type === 'parenthesized_expression' ? node.kids.find(({ named }) => named) : undefined;
  return inner === undefined ? node : bare(inner);
}

/** Of the same: nothing at all is handed over, which many take for everything. */
export const emptyValue: See = (node) =>
  textOf(node) === '' && /argument|pair/.test(node.parent?.type ?? '')
    ? see('value_hidden', 'empty', 'an empty text stands for any: say which one is meant')
    : null;

/** Of a patch for a weak or an unchecked way: what was said there is not said by another name. */
export const renamedValue: See = (node) => {
  const value = /assignment|declarator|spec|declaration$|const_item|static_item/.test(node.type)
    ? fieldOf(node, 'right', 'value')
    : null;
  return value !== null &&
    /^(?:true|false|True|False|None|null|nil|-? ?\d[\w.]*|"[^"]*"|[a-z_]\w*(?: \. \w+)*)$/.test(canonOf(value))
    ? see('value_hidden', 'name', 'a value gets a name, so that no tool reads it where it is used: mend what was found')
    : null;
};
