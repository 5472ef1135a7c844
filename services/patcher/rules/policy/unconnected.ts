import { around, fieldOf, nodesOf, type SyntaxNode } from '../../../floor/text/syntax-tree.ts';
import { roleOf } from '../roles/role-of.ts';
import type { Objection, Rule } from './define.ts';
import { aimOf } from './reading/aim.ts';
import { calleeOf, canonOf, isCall, textOf } from './reading/canonical-text.ts';
import type { FoundAt } from './reading/judged-patch.ts';
import type { ReadFile, Side } from './reading/patch-reading.ts';
import { identifiersIn, nameOf } from './reading/statements-of.ts';
import { wordsIn } from './reading/words-of.ts';

const functions =
  /^(?:function_definition|function_declaration|function_expression|arrow_function|generator_function\w*|method_declaration|method_definition|function_item|method|singleton_method|constructor_declaration|secondary_constructor|operator_declaration|conversion_operator_declaration|local_function_statement|init_declaration)$/;
const beginnings = /^(?:__init__|__new__|__post_init__|initialize|constructor|init|__construct|new)$/;
const assigns =
  /^(?:assignment|assignment_expression|augmented_assignment|augmented_assignment_expression|operator_assignment|assignment_statement|compound_assignment_expr)$/;

/**
 * A patch changes what its finding speaks of: the function around its line, and what hangs together with that by a name. What
 * is found is mended and not taken away, and nothing is put aside where it outlives the call.
 */
export const unconnected: Rule = {
  name: 'unconnected',
  judge: (patch) => {
    const { findings, method } = patch.judged;
    if (findings === undefined || !/^(?:agent|given)$/.test(method)) return [];
    return patch.files.flatMap((read) => {
      const { before, after } = read;
      const { role } = roleOf(read.file.path, patch.judged.settings);
      if (before?.tree == null || after?.tree == null || !/^(?:source|loaded_by_name)$/.test(role)) return [];
      const here = findings.filter(({ file }) => file === read.file.path || file === read.file.oldPath);
      return [
        ...elsewhere(read, here),
        ...takenAway(read, here),
        ...putAside(read),
        ...laxer(read, findings),
        ...stillThere(read, here),
        ...renamedOnly(read, here),
        ...(aimOf(findings).secret ? inPieces(read) : []),
      ];
    });
  },
};

type Unit = {
  readonly name: string;
  readonly node: SyntaxNode;
  readonly canon: string;
  readonly from: number;
  readonly to: number;
};

/** The outermost functions of a file, by name; the second one of a name has its number beside it. */
function unitsOf(side: Side): Map<string, Unit> {
  const units = new Map<string, Unit>();
  if (side.tree === null) return units;
  for (const node of nodesOf(side.tree.root)) {
    if (!functions.test(node.type) || [...around(node)].some(({ type }) => functions.test(type))) continue;
    const name = nameOf(node) ?? (node.parent === null ? null : nameOf(node.parent)) ?? '';
    let key = name;
    for (let at = 2; units.has(key); at += 1) key = `${name} ${at}`;
    units.set(key, {
      name,
      node,
      canon: canonOf(node),
      from: node.line,
      to: node.line + node.text.split('\n').length - 1,
    });
  }
  return units;
}

/** Functions that change though nothing in them has to do with the one in which the finding lies. */
function elsewhere({ file, before, after }: ReadFile, here: readonly FoundAt[]): Objection[] {
  const lines = here.flatMap(({ line, kind }) => (line === null || kind === 'test_fail' ? [] : [line]));
  if (before === null || after === null || lines.length === 0 || lines.length < here.length) return [];
  const [old, now] = [unitsOf(before), unitsOf(after)];
  const found = [...old].filter(([, { from, to }]) => lines.some((line) => from <= line && line <= to));
  // What lies outside of all functions is spoken of anywhere.
  if (!lines.every((line) => found.some(([, { from, to }]) => from <= line && line <= to))) return [];
  const near = found.flatMap(([key, unit]) => [unit, ...(now.has(key) ? [now.get(key) as Unit] : [])]);
  const words = new Set(near.flatMap(({ node }) => identifiersIn(node)));
  const names = new Set(near.map(({ name }) => name));
  const renamed = found.flatMap(([key, unit]) => (now.has(key) ? [] : [unit]));
  const gone = [
    ...wordsLost(
      old,
      now,
      found.map(([key]) => key),
    ),
  ];
  return [...now].flatMap(([key, unit]) => {
    const was = old.get(key);
    if (was?.canon === unit.canon || found.some(([one]) => one === key) || words.has(unit.name)) return [];
    const inside = new Set([...identifiersIn(unit.node), ...(was === undefined ? [] : identifiersIn(was.node))]);
    if (was === undefined && renamed.some(({ node }) => hasBodyOf(unit.node, node))) return [];
    if ([...names].some((name) => inside.has(name)) || gone.some((name) => inside.has(name))) return [];
    return [
      {
        rule: 'not_connected',
        path: file.path,
        line: unit.from,
        why: `function "${unit.name}": it has nothing to do with what was found at line ${lines.join(', ')}`,
      },
    ];
  });
}

/** The same function by another name. */
function hasBodyOf(one: SyntaxNode, other: SyntaxNode): boolean {
  const [a, b] = [one, other].map((node) => fieldOf(node, 'body'));
  return a != null && b != null && canonOf(a) === canonOf(b);
}

/** Names that the functions of the finding no longer speak of, or speak of now: whoever else does may follow. */
function wordsLost(
  old: ReadonlyMap<string, Unit>,
  now: ReadonlyMap<string, Unit>,
  keys: readonly string[],
): Set<string> {
  const names = (units: ReadonlyMap<string, Unit>) =>
    new Set(keys.flatMap((key) => (units.has(key) ? identifiersIn((units.get(key) as Unit).node) : [])));
  const [before, after] = [names(old), names(now)];
  return new Set([
    ...[...before].filter((name) => !after.has(name)),
    ...[...after].filter((name) => !before.has(name)),
  ]);
}

const superfluous =
  /debug|console|print|T20[13]|redundant|useless|unnecessary|duplicate|unreachable|dead|empty|import|unused|no-extra|noop|never.?used|F[48]\d\d|W0?6\d\d|ineff|self-?assign|SC20[03]|UP0|superfluous|remove|unneeded|needless/i;
const giving = /(?:^|\.)\w*(?:close|free|dispose|release|unlock|cancel|flush|clear\w*|delete|sleep)$/i;

/** What does something is taken away, and nothing comes for it. */
function takenAway({ file, before, after, added, removed }: ReadFile, here: readonly FoundAt[]): Objection[] {
  if (before?.tree == null || after?.tree == null || here.length === 0 || here.some(({ kind }) => kind === 'test_fail'))
    return [];
  const isUnheld = leavesOf(before).filter(isLock).length > leavesOf(after).filter(isLock).length;
  if (isUnheld) return [objection(file.path, null, 'a lock is no longer taken: what it guards is guarded no more')];
  if (here.some(({ code, message }) => superfluous.test(`${code ?? ''} ${message ?? ''}`))) return [];
  const answer = removed.find(({ code }) => /^(?:return|throw|raise|yield)\b/.test(code));
  if (answer !== undefined && added.every(({ code }) => code === ''))
    return [
      objection(file.path, answer.at, `"${answer.text.slice(0, 80)}": what was found is taken away instead of mended`),
    ];
  const calls = [...nodesOf(after.tree.root)].filter(isCall);
  if (calls.length >= [...nodesOf(before.tree.root)].filter(isCall).length) return [];
  const left = new Set(calls.map(calleeOf));
  const lost = doingIn(before.tree.root).find((one) => !left.has(calleeOf(one)));
  const why = `${lost?.type} "${lost?.text.slice(0, 80)}": what was found is taken away instead of mended`;
  return lost === undefined ? [] : [objection(file.path, lost.line, why)];
}

const objection = (path: string, line: number | null, why: string, rule = 'code_removed'): Objection => ({
  rule,
  path,
  line,
  why,
});
const leavesOf = (side: Side) => wordsIn(side).map(({ text }) => text);
const isLock = (word: string) => /^(?:r?lock|acquire|synchronized|lock_guard|unique_lock|scoped_lock)$/i.test(word);
const isThrow = (word: string) => /^(?:throw|raise)$/.test(word);
const isNarrow = (word: string) => /^(?:private|protected|fileprivate)$/.test(word);
const isWide = (word: string) => /^(?:export|pub|public|open)$/.test(word);

/** What fails is let through, or what was kept to itself is everybody's. */
function laxer({ file, before, after }: ReadFile, findings: readonly FoundAt[]): Objection[] {
  if (before?.tree == null || after?.tree == null) return [];
  const [old, now] = [leavesOf(before), leavesOf(after)];
  const count = (words: readonly string[], is: (word: string) => boolean) => words.filter(is).length;
  const isTest = findings.some(({ kind }) => kind === 'test_fail');
  if (isTest && count(now, isThrow) < count(old, isThrow))
    return [objection(file.path, null, 'a failure is no longer told: what could not be done before is let through')];
  const asked = findings.some(({ message, code }) =>
    /export|should be public|must be public|visib/i.test(`${message ?? ''} ${code ?? ''}`),
  );
  const isWider =
    count(now, isWide) > count(old, isWide) && new Set(now.filter((word) => !old.includes(word))).size <= 1;
  return !asked && (isWider || count(now, isNarrow) < count(old, isNarrow))
    ? [
        objection(
          file.path,
          null,
          'what was kept to itself is open to everybody: mend who reaches for it',
          'visibility_widened',
        ),
      ]
    : [];
}

/** A text that was to go is still there, in two texts or more. */
function inPieces({ file, before, after }: ReadFile): Objection[] {
  const texts = (side: Side | null) =>
    new Map(
      side?.tree == null
        ? []
        : [...nodesOf(side.tree.root)].flatMap((node) => {
            const text = textOf(node);
            return text === null ? [] : [[text, node.line] as const];
          }),
    );
  const [old, now] = [texts(before), texts(after)];
  const gone = [...old.keys()].filter((text) => text.length >= 6 && !now.has(text));
  const piece = [...now].find(([text]) => text.length >= 3 && !old.has(text) && gone.some((one) => one.includes(text)));
  return piece === undefined
    ? []
    : [
        objection(
          file.path,
          piece[1],
          'a secret stays in the source in pieces: let whoever runs it hand it over',
          'secret_respelt',
        ),
      ];
}

const warned = /(?:unsafe|insecure|weak|avoid|obsolete|deprecated|dangerous|use of)\b[^`']{0,60}[`']([\w.]+)[`']/i;

/** What some tools find, in another dress. */
const dresses: readonly (readonly [code: RegExp, line: RegExp])[] = [
  [/^(?:SC)?2045$/, /\bfor\b.*\$\(/],
  [/^CS4014$/, /\b_ ?= /],
  [/too_many_arguments|max-params|PLR0913/, /\(\(\w+(?:, ?\w+){2,}\) ?:/],
  [/no-param-reassign/, /\bObject\.assign\( ?\w+ ?,/],
];

/** What a tool warns of is still said on the lines that are new: by its name, in another dress, or without what the tool asks for. */
function stillThere({ file, added }: ReadFile, here: readonly FoundAt[]): Objection[] {
  return here.flatMap(({ message, code }) => {
    const says = message ?? '';
    const name = warned.exec(says)?.[1]?.split('.').at(-1);
    const operator = /^Expected '([^\w\s']{1,4})' and instead saw/.exec(says)?.[1];
    const unused = /unused|never used|useless assign/i.test(says) ? /[`'"](\w+)[`'"]/.exec(says)?.[1] : undefined;
    const patterns = [
      ...(name === undefined ? [] : [new RegExp(`\\b${name}\\b`)]),
      ...(unused === undefined ? [] : [new RegExp(`\\b(?:def|function|func|fn|fun)\\b.*[(,] ?${unused}\\b`)]),
      ...dresses.flatMap(([of, line]) => (of.test(code ?? '') ? [line] : [])),
    ];
    const isAsked = operator === undefined || added.some((line) => line.code.includes(operator));
    const line = isAsked ? added.find((one) => patterns.some((pattern) => pattern.test(one.code))) : added[0];
    return line === undefined
      ? []
      : [
          objection(
            file.path,
            line.at,
            isAsked
              ? `"${line.text.slice(0, 80)}": "${name ?? unused ?? code}" is what the finding warns of`
              : `"${line.text.slice(0, 80)}": "${operator}" is what the finding asks for`,
            'finding_kept',
          ),
        ];
  });
}

const bindings =
  /^(?:variable_declarator|assignment|short_var_declaration|let_declaration|assignment_statement|init_declarator)$/;
const plainName = /^[$@]?[A-Za-z_]\w*(?:(?: ?(?:\.|->|::) ?)[A-Za-z_]\w*)*$/;

/** What was found goes on by another name: with the new name read as what it stands for, nothing has changed. */
function renamedOnly({ file, before, after, added }: ReadFile, here: readonly FoundAt[]): Objection[] {
  if (before?.tree == null || after?.tree == null || here.length === 0) return [];
  if (here.some(({ kind }) => kind === 'test_fail')) return [];
  const known = new Set(identifiersIn(before.tree.root));
  const fresh = new Set(added.map(({ at }) => at));
  const spoken = new Map<string, string>();
  let line: number | null = null;
  for (const node of nodesOf(after.tree.root)) {
    if (!bindings.test(node.type) || !fresh.has(node.line)) continue;
    const value = fieldOf(node, 'value', 'right');
    const name = fieldOf(node, 'name', 'left', 'pattern', 'declarator');
    if (value === null || name === null || !plainName.test(canonOf(value).replace(/ /g, ''))) continue;
    const parts = /^(?:object_pattern|array_pattern)$/.test(name.type) ? identifiersIn(name) : [name.text];
    for (const part of parts)
      if (!known.has(part) || parts[0] !== name.text)
        spoken.set(part, parts[0] === name.text ? value.text : `${value.text}.${part}`);
    line ??= node.line;
  }
  if (spoken.size === 0) return [];
  const old = new Set(before.code.split('\n').map(squeezed));
  const others = added.filter(({ code, at }) => code !== '' && !isBinding(at, after.tree?.root ?? null, spoken));
  const read = others.map(({ code }) =>
    squeezed(code.replace(/(?<![\w.$])[$@]?[A-Za-z_]\w*/g, (word) => spoken.get(word) ?? word)),
  );
  return others.length > 0 && read.every((one) => old.has(one))
    ? [objection(file.path, line, 'what was found has another name, and is as it was', 'finding_kept')]
    : [];
}

const squeezed = (text: string) => text.replace(/\s+/g, '');

/** Whether a line does nothing but give a name. */
function isBinding(line: number, root: SyntaxNode | null, spoken: ReadonlyMap<string, string>): boolean {
  return root === null
    ? false
    : [...nodesOf(root)].some((node) => {
        const name = fieldOf(node, 'name', 'left', 'pattern', 'declarator');
        return (
          bindings.test(node.type) &&
          node.line === line &&
          name !== null &&
          identifiersIn(name).some((one) => spoken.has(one))
        );
      });
}

/** Calls whose answer nobody asks for. */
function doingIn(root: SyntaxNode): SyntaxNode[] {
  return [...nodesOf(root)].filter(
    (node) =>
      isCall(node) &&
      /^(?:expression_statement|block|body_statement|statement_block|statements|compound_statement|program|source_file|then|else|do_block)$/.test(
        node.parent?.type ?? '',
      ) &&
      // The last one of a block may be what it gives.
      (node.parent?.type === 'expression_statement' || node.parent?.kids.findLast(({ named }) => named) !== node) &&
      !giving.test(calleeOf(node)),
  );
}

/** A name that is new outside of all functions, and set in one of them: what is put there outlives the call. */
function putAside({ file, before, after }: ReadFile): Objection[] {
  if (before?.tree == null || after?.tree == null || after.grammar === 'bash') return [];
  const known = new Set(wordsIn(before).map(({ text }) => text));
  const fresh = new Set(
    wordsIn(after).flatMap(({ text, declared, inside }) =>
      declared === 'name' && !inside && !known.has(text) ? [text] : [],
    ),
  );
  if (fresh.size === 0) return [];
  for (const node of nodesOf(after.tree.root)) {
    if (!assigns.test(node.type)) continue;
    const over = [...around(node)].find(({ type }) => functions.test(type));
    if (over === undefined || beginnings.test(nameOf(over) ?? '') || /^(?:constructor|init)/.test(over.type)) continue;
    const name =
      (node.kids[0]?.text ?? '').replace(/^(?:this|self|cls|Self)(?:\.|->|::)|^@+/, '').split(/[.[(]|->/)[0] ?? '';
    if (fresh.has(name))
      return [
        {
          rule: 'state_kept',
          path: file.path,
          line: node.line,
          why: `${node.type} "${node.text.slice(0, 80)}": something is put aside where it outlives the call`,
        },
      ];
  }
  return [];
}
