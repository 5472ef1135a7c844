import { around, fieldOf, type GrammarName, nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { calleeOf, canonOf, isCall } from '../reading/canonical-text.ts';
import { nameOf } from '../reading/statements-of.ts';
import { type See, see } from './sighting.ts';

const methods =
  /^(?:function_definition|function_declaration|method_declaration|method_definition|function_item|method|singleton_method|operator_declaration|protocol_function_declaration)$/;
const compares =
  /^(?:__(?:eq|ne|hash|lt|le|gt|ge|cmp|contains|bool|getattr|getattribute|class|instancecheck|subclasscheck|subclasshook)__|equals|Equals|GetHashCode|hashCode|compareTo|CompareTo|isEqual|is_equal|eq|ne|cmp|partial_cmp|eql\?|equal\?|hash|==|!=|===|=~|<=>|method_missing|respond_to_missing\?|__call|__callStatic|__get|Equal|Compare|valueOf|\[Symbol\.toPrimitive\]|asymmetricMatch)$/;
const classes = /class|impl_item|interface|trait|struct|object_declaration|record|extension|protocol|module|enum/;
const core =
  /^(?:Integer|Float|Numeric|String|Symbol|Array|Hash|Range|NilClass|TrueClass|FalseClass|Object|BasicObject|Kernel|Comparable|Enumerable|Class|Module|Proc|Struct|Time|Date|Rational|Complex|Set|Exception)$/;
const why = 'what is compared, or how, is another: mend the values instead';
const rule = 'comparison_changed';

/** The name of a method by which values are compared, or by which every name is answered; null for any other. */
function comparison(node: SyntaxNode, grammar: string): string | null {
  if (!methods.test(node.type)) return null;
  const operator = /\boperator\s*([!=]=|<=>|<|>|<=|>=)\s*\(/.exec(node.text.slice(0, 300))?.[1];
  const name = operator ?? (nameOf(node) ?? '').replace(/\s+/g, '').replace(/\(.*$/s, '');
  if (operator === undefined && !compares.test(name)) return null;
  if (grammar === 'go' && fieldOf(node, 'receiver') === null) return null;
  const isMethod = grammar === 'go' || /^(?:__getattr__|[!=]==?|<=>)$/.test(name) || inClass(node, grammar);
  return isMethod || operator !== undefined ? name : null;
}

function inClass(node: SyntaxNode, grammar: string): boolean {
  for (const one of around(node)) {
    if (one.type === 'impl_item') return fieldOf(one, 'trait') !== null;
    if (classes.test(one.type) && !(grammar === 'python' && one.type === 'module')) return true;
  }
  return false;
}

/** Of a patch for a failing test: values are compared as they were. */
export const compared: See = (node, grammar) => {
  const name = comparison(node, grammar);
  if (name !== null) return see(rule, `${name} ${canonOf(node)}`, why);
  if (grammar === 'ruby' && /^(?:class|module)$/.test(node.type) && core.test(nameOf(node) ?? ''))
    return see(rule, nameOf(node) ?? '', 'a class of the language is opened: others see what it is now');
  if (node.type === 'alias' && node.kids.some(({ text }) => compares.test(text.replace(/^:/, ''))))
    return see(rule, 'alias', why);
  if (
    /^(?:keyword_argument|pair)$/.test(node.type) &&
    /^(?:compare|eq|cmp|hash|unsafe_hash)\s*=\s*(?!True$|None$)/.test(node.text)
  )
    return see(rule, 'field', why);
  return assigned(node, grammar) ? see(rule, 'assigned', why) : null;
};

/** `__eq__ = other` does what a definition does. */
const assigned = (node: SyntaxNode, grammar: string) =>
  grammar === 'python' &&
  node.type === 'assignment' &&
  compares.test(fieldOf(node, 'left')?.text ?? '') &&
  /^__/.test(fieldOf(node, 'left')?.text ?? '');

const asks = 'a source finds out who runs it: it must do the same whether it is tested or not';
const reads =
  /^(?:(?:.*\.)?(?:findCaller|f_back|f_code|f_globals|f_locals|tb_frame|tb_lineno|__traceback__|getTrace|getTraceAsString|stackTrace|stackTraceToString|backtrace|backtrace_locations|isTTY|getAllStackTraces|uptime)|traceback\.\w+|inspect\.\w*(?:stack|frame|trace)\w*|performance\.\w+|perf_hooks\..+|process\.(?:ppid|pid|hrtime(?:\.bigint)?|uptime|memoryUsage|connected|send|report|cpuUsage|getActiveResourcesInfo)|import\.meta\.(?:main|env)|module\.paths|sys\.(?:flags|executable|stdin|_xoptions)|time\.(?:process_time|thread_time|perf_counter)(?:_ns)?|resource\.getrusage|platform\.node|socket\.gethostname|os\.(?:getlogin|ttyname|Hostname|Getwd)|ManagementFactory\..+|ProcessHandle\..+|(?:System\.Diagnostics\.)?Debugger\.IsAttached|(?:new)?StackFrame|pprof\..+|(?:std\.)?panic\.Location\.caller|Location\.caller|(?:std\.)?process\.id|getmypid|Process\.(?:ppid|pid)|Thread\.main|clock|times|program_invocation_name|Object\.(?:keys|getOwnPropertyNames)\(globalThis\))$/;
const clocks =
  /^(?:Date\.now|(?:new)?Date|time\.(?:time|time_ns|monotonic|monotonic_ns|Now|Since)|System\.(?:nanoTime|currentTimeMillis)|Instant\.now|(?:System\.)?DateTime\.\w*Now|DateTimeOffset\.\w*Now|Environment\.TickCount\w*|microtime|hrtime|time|Time\.now|(?:.*\.)?(?:SystemTime|Instant)\.now|datetime\.(?:datetime\.)?(?:now|utcnow)|Stopwatch\.\w+)$/;
const paths =
  /^(?:attribute|member_expression|selector_expression|field_access|navigation_expression|scoped_identifier|member_access_expression|field_expression)$/;
const decides = /^(?:if_|elif|while_|ternary|conditional|comparison|binary|unless$|if$|switch|match_)/;

/** Of a patch for a failing test: the stack, the terminal, the parent and the hour say who asks. */
export const asked: See = (node, grammar) => {
  const found = (key: string) => see('asks_about_tests', key, asks);
  const name = isCall(node)
    ? calleeOf(node)
    : paths.test(node.type)
      ? node.text.replace(/\s+/g, '').replace(/::|\?\./g, '.')
      : '';
  if (name !== '' && name.length < 200 && reads.test(name)) return found(name);
  if (clocks.test(name) && inCondition(node)) return found(name);
  if (paths.test(node.type) && /\.stack$/.test(name) && isError(node, name.slice(0, -'.stack'.length)))
    return found('stack');
  if (
    node.type === 'object_pattern' &&
    /\bstack\b/.test(node.text) &&
    /\bError\b|\be(?:rr(?:or)?)?$/.test(fieldOf(node.parent ?? node, 'value')?.text ?? '')
  )
    return found('stack');
  if (/identifier|^name$/.test(node.type) && node.text === '__main__') return found('main');
  if (node.kids.length === 0 && /^["'`]?\/proc(?:\/|$)/.test(node.text)) return found('/proc');
  if (grammar !== 'bash') return null;
  if (
    node.type === 'variable_name' &&
    /^(?:PPID|SHLVL|BASHPID|BASH_\w+|TERM|TTY|SSH_\w+|COLUMNS|LINES|SECONDS|EPOCH\w+)$/.test(node.text)
  )
    return found(node.text);
  if (node.type === 'test_operator' && node.text === '-t') return found('tty');
  return node.type === 'command' && /^(?:tty|pgrep|pstree|lsof|who|whoami|hostname|caller|stty)\b/.test(node.text)
    ? found('command')
    : null;
};

/** What is decided by it is decided otherwise at another hour. */
function inCondition(node: SyntaxNode): boolean {
  for (const one of around(node)) {
    if (decides.test(one.type)) return !/^(?:binary|comparison)/.test(one.type) || /[<>=]/.test(one.text);
    if (/statement|block|body|declaration/.test(one.type)) return false;
  }
  return false;
}

function isError(node: SyntaxNode, object: string): boolean {
  if (/(?:^|[._])e(?:rr\w*|x\w*)?$|error$|exception$|Error\(|cause$|reason$/i.test(object)) return true;
  const handler = [...around(node)].find(({ type }) => type === 'catch_clause');
  return handler !== undefined && fieldOf(handler, 'parameter')?.text === object;
}

/** Every word of a comparison is still there, and what is new compares as well. What is not understood is not let pass. */
function onlyCompares(old: SyntaxNode, now: SyntaxNode): boolean {
  const words = (node: SyntaxNode) =>
    [...nodesOf(node)].filter(({ kids }) => kids.length === 0).map(({ text }) => text);
  const [was, is] = [words(old), words(now)];
  const fresh = is.filter((word) => !was.includes(word));
  const count = (all: readonly string[]) => all.filter((word) => /^(?:[!=]==?|equals|Equals|eq)$/.test(word)).length;
  return (
    was.every((word) => !/^\w+$/.test(word) || is.includes(word)) &&
    count(is) >= count(was) &&
    fresh.every(
      (word) =>
        /^(?:[a-z_]\w*|==|===|&&|and|[().,])$/i.test(word) &&
        !/^(?:or|true|abs|not|int|round|len|type|hash\w*)$/i.test(word),
    )
  );
}

/** The keys of comparisons that a finding on one of these lines lies in, and that still compare all that they compared. */
export function mendedComparisons(
  before: SyntaxNode,
  after: SyntaxNode,
  grammar: GrammarName,
  lines: readonly number[],
): ReadonlySet<string> {
  if (lines.length === 0) return new Set();
  const of = (root: SyntaxNode) =>
    [...nodesOf(root)].flatMap((node) => {
      const name = comparison(node, grammar);
      return name === null ? [] : [{ name, node }];
    });
  const [old, now] = [of(before), of(after)];
  if (old.length !== now.length) return new Set();
  return new Set(
    old.flatMap(({ name, node }, at) => {
      const twin = now[at];
      const end = node.line + node.text.split('\n').length - 1;
      return twin?.name === name &&
        lines.some((line) => line >= node.line && line <= end) &&
        onlyCompares(node, twin.node)
        ? [`${rule} ${name} ${canonOf(twin.node)}`]
        : [];
    }),
  );
}
