import { nodesOf, type SyntaxNode } from '../../../../floor/text/syntax-tree.ts';
import { roleOf } from '../../roles/role-of.ts';
import type { Objection, Rule } from '../define.ts';
import { type Aim, aimOf } from '../reading/aim.ts';
import { canonOf, isCall } from '../reading/canonical-text.ts';
import type { ReadFile, Reading, Side } from '../reading/patch-reading.ts';
import { changedStatements } from '../reading/same-statements.ts';
import { identifiersIn, nameOf, statementsOf } from '../reading/statements-of.ts';
import { handedTo } from './answers-in-reserve.ts';
import { escapesIn } from './escapes-in.ts';
import { stateOf } from './kept-state.ts';
import type { Sighting } from './sighting.ts';
import { mendedComparisons } from './test-doors.ts';

/** A source does its work, and nothing to whoever judges it. What only moves within a patch is not gained. */
export const escapedJudgement: Rule = {
  name: 'escaped_judgement',
  judge: (patch) => [
    ...gainedEscapes(patch),
    ...patch.files.flatMap((file) => [
      ...unread(file),
      ...innerTests(file),
      ...emptied(file, patch),
      ...stubs(file, patch),
      ...unguarded(file),
      ...mixedScripts(file),
    ]),
  ],
};

type Placed = Sighting & { readonly path: string };

function sightingsOf(side: Side | null, aim: Aim): Placed[] {
  return side?.tree == null || side.grammar === null
    ? []
    : escapesIn(side.tree, side.grammar, aim).map((one) => ({ ...one, path: side.path }));
}

/** What tests and their hooks say is looked at statement by statement; of tests they may speak. */
const isSource = (path: string, { judged }: Reading) => !/^(?:test|hook)$/.test(roleOf(path, judged.settings).role);

const none: ReadonlySet<string> = new Set();

function gainedEscapes(patch: Reading): Objection[] {
  const files = patch.files.filter(({ file }) => isSource(file.path, patch));
  const aim = aimOf(patch.judged.findings);
  const left = new Map<string, number>();
  for (const { before } of files)
    for (const { key } of sightingsOf(before, aim)) left.set(key, (left.get(key) ?? 0) + 1);
  return files.flatMap(({ file, before, after, added }) => {
    const fresh = new Set(added.map(({ at }) => at));
    const lines = patch.judged.findings?.flatMap((one) => (one.file === file.path ? (one.line ?? []) : [])) ?? [];
    const mended =
      aim.test && before?.tree != null && after?.tree != null && after.grammar !== null
        ? mendedComparisons(before.tree.root, after.tree.root, after.grammar, lines)
        : none;
    // Those on new lines are told: of two of a kind, the old one stays.
    const all = sightingsOf(after, aim).sort((a, b) => Number(fresh.has(a.line)) - Number(fresh.has(b.line)));
    return all.flatMap(({ key, rule, why, node, line, text, path }) => {
      const same = left.get(key) ?? 0;
      left.set(key, same - 1);
      return same > 0 || mended.has(key) || isOldState(key, before)
        ? []
        : [{ rule, path, line, why: `${node} "${text}": ${why}` }];
    });
  });
}

/** What a file kept before it may go on to keep. */
function isOldState(key: string, before: Side | null): boolean {
  const name = stateOf(key);
  if (name === null || before === null) return false;
  const word = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w.$@])${word}(?!\\w)`).test(before.code);
}

/** More of it than before is not understood by the grammar. */
function unread({ file, before, after }: ReadFile): Objection[] {
  if (before === null || after?.grammar == null) return [];
  if (after.tree === null)
    return before.tree === null
      ? []
      : [
          {
            rule: 'not_understood',
            path: file.path,
            line: null,
            why: 'the file is too large, or nests too deeply, to be read',
          },
        ];
  if (after.tree.faults <= (before.tree?.faults ?? 0)) return [];
  const bad = [...nodesOf(after.tree.root)].find(({ type }) => type === 'ERROR');
  return [
    {
      rule: 'not_understood',
      path: file.path,
      line: bad?.line ?? null,
      why: `ERROR "${(bad?.text ?? '').slice(0, 80)}": the grammar of ${after.grammar} does not understand the file any more`,
    },
  ];
}

/** Tests inside of a source of Rust are tests. */
function innerTests({ file, before, after }: ReadFile): Objection[] {
  if (after?.grammar !== 'rust' || before?.tree == null || after.tree == null) return [];
  const [old, now] = [before.tree, after.tree].map(({ root }) => testModules(root));
  if (old === undefined || now === undefined || old.length === 0) return [];
  if (now.length < old.length)
    return [
      {
        rule: 'test_deleted',
        path: file.path,
        line: null,
        why: 'a module of tests is no longer there, or no longer built',
      },
    ];
  return old.flatMap((root, at) => {
    const twin = now[at];
    if (twin === undefined) return [];
    return changedStatements({ root, faults: 0 }, { root: twin, faults: 0 })
      .slice(0, 5)
      .map(({ line, side, node, text }) => ({
        rule: 'assertion_changed',
        path: file.path,
        line,
        why: `${node} "${text}" ${side === 'after' ? 'is new or says something else' : 'no longer says this'}: a test must say what it said`,
      }));
  });
}

function testModules(root: SyntaxNode): SyntaxNode[] {
  const modules: SyntaxNode[] = [];
  for (const node of nodesOf(root)) {
    if (node.type !== 'attribute_item' || node.text.replace(/\s+/g, '') !== '#[cfg(test)]') continue;
    const kids = node.parent?.kids ?? [];
    const next = kids
      .slice(kids.indexOf(node) + 1)
      .find(({ type }) => type !== 'attribute_item' && !/comment/.test(type));
    if (next?.type === 'mod_item') modules.push(next);
  }
  return modules;
}

const functionLike =
  /^(?:function_definition|function_declaration|method_declaration|method_definition|function_item|method|singleton_method|conversion_operator_declaration|operator_declaration)$/;

/** A function that worked with what it was given answers with a value instead, or with nothing. */
function emptied({ file, before, after }: ReadFile, { judged }: Reading): Objection[] {
  if (before?.tree == null || after?.tree == null || file.status === 'added') return [];
  const { test } = aimOf(judged.findings);
  const old = bodies(before.tree.root);
  return [...bodies(after.tree.root)].flatMap(([name, now]) => {
    const was = old.get(name);
    if (was === undefined || was.text === now.text) return [];
    const isGiven = was.size >= 5 && now.size <= Math.min(6, was.size - 2) && constant.test(now.text);
    const isShrunk = was.size >= 16 && now.size < was.size / 4 && !now.calls;
    const isDeaf = test && ((was.looks && !now.looks) || (was.own && !now.own));
    return isGiven || isShrunk || isDeaf
      ? [
          {
            rule: 'code_removed',
            path: file.path,
            line: now.line,
            why: `function "${name}" does ${isDeaf ? 'not look at what it is given' : 'hardly anything'} any more: mend what it does`,
          },
        ]
      : [];
  });
}

const constant =
  /^(?:\{ )?(?:(?:return|pass|=>|=|echo|do|then|end|return nil) ?)*(?:-? ?[\d.]+|"(?:[^"\\]|\\.)*"|true|false|True|False|None|null|nil|\[ ?\]|\{ ?\}|Ok \( \( \) \)|default|undefined|todo ! \( \)|unimplemented ! \( \)|\( \))?(?: end)?(?: \})?$/;

type Body = { text: string; size: number; line: number; calls: boolean; looks: boolean; own: boolean };

function bodies(root: SyntaxNode): Map<string, Body> {
  const found = new Map<string, Body>();
  for (const node of nodesOf(root)) {
    if (!functionLike.test(node.type)) continue;
    const body = node.kids.find(
      ({ field, type }) =>
        field === 'body' || /^(?:function_body|block|compound_statement|arrow_expression_clause)$/.test(type),
    );
    const text = body === undefined ? '' : canonOf(body);
    const names = handedTo(node);
    const leaves = body === undefined ? [] : [...nodesOf(body)];
    const words = leaves.flatMap(({ kids, text: word }) => (kids.length === 0 ? [word] : []));
    const looks = words.some((word) => names.has(word) || /^@/.test(word));
    const own = words.some((word) => /^(?:self|this|super)$|^@/.test(word));
    const calls = leaves.some(isCall);
    found.set(nameOf(node) ?? '', { text, size: text.split(' ').length, line: node.line, calls, looks, own });
  }
  return found;
}

const undefined_ =
  /^(?:SC2154|SC2153|no-undef|F821|E0602|undefined-variable|TS2304|TS2552|TS2305|TS2307|undeclaredname|UndefinedVariable|name-defined|E0425|CS0103|cannot_find_symbol|-Wimplicit-function-declaration|undeclared-identifier|attr-defined|Lint\/UselessAssignment)$/i;

/** What was not defined is found, not made up. */
function stubs({ file, before, after }: ReadFile, { judged }: Reading): Objection[] {
  if (before?.tree == null || after?.tree == null) return [];
  if (!judged.findings?.some(({ code, kind }) => kind === 'lint' && code !== null && undefined_.test(code))) return [];
  const used = new Set(identifiersIn(before.tree.root));
  const known = new Set(statementsOf(before.tree).flatMap(({ declares }) => declares));
  return statementsOf(after.tree).flatMap(({ kind, declares, node, line, tokens }) => {
    const made = declares.find((name) => used.has(name) && !known.has(name));
    const value = tokens.slice(tokens.indexOf('=') + 1).join(' ');
    if (
      made === undefined ||
      (kind !== 'head' &&
        !/^(?:"(?:[^"\\]|\\.)*"|-? ?[\d.]+|null|None|nil|undefined|\{ ?\}|\[ ?\]|\( ?\) .{0,60}|true|false|0|)$/.test(
          value,
        ))
    )
      return [];
    return [
      {
        rule: 'stub_defined',
        path: file.path,
        line,
        why: `${node.type} "${tokens.slice(0, 8).join(' ')}": a name that was not there is made up; find what is meant`,
      },
    ];
  });
}

/** A script that stopped at the first failure still does. */
function unguarded({ file, before, after }: ReadFile): Objection[] {
  if (after?.grammar !== 'bash' || before === null) return [];
  const options = (side: Side) => {
    const set = new Set<string>();
    for (const [, flags = '', rest = ''] of side.code.matchAll(
      /^\s*set((?:\s+-[a-zA-Z]+)*)((?:\s+-?o?\s*(?:errexit|nounset|pipefail))*)/gm,
    )) {
      for (const flag of flags.replace(/[\s-]/g, '')) set.add(flag);
      for (const [word] of rest.matchAll(/errexit|nounset|pipefail/g))
        set.add({ errexit: 'e', nounset: 'u' }[word] ?? word);
    }
    for (const [flags] of side.text.split('\n', 1)[0]?.matchAll(/\s-[a-z]*[eu][a-z]*/g) ?? [])
      for (const flag of flags.replace(/[\s-]/g, '')) set.add(flag);
    return set;
  };
  const now = options(after);
  const lost = [...options(before)].filter((one) => /^(?:e|u|pipefail|o|E)$/.test(one) && !now.has(one));
  return lost.length === 0
    ? []
    : [
        {
          rule: 'exit_forced',
          path: file.path,
          line: null,
          why: `command "set -${lost.join(' ')}": the script no longer stops at the first failure`,
        },
      ];
}

/** A name of letters of two scripts reads as another one. */
function mixedScripts({ file, before, after }: ReadFile): Objection[] {
  if (after?.tree == null) return [];
  const mixed = (side: Side | null) =>
    new Set(
      side?.tree == null
        ? []
        : identifiersIn(side.tree.root).filter(
            (name) =>
              /[a-z]/i.test(name) &&
              /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(name),
          ),
    );
  const old = mixed(before);
  const [name] = [...mixed(after)].filter((one) => !old.has(one));
  return name === undefined
    ? []
    : [
        {
          rule: 'hidden_text',
          path: file.path,
          line: null,
          why: `identifier "${name.slice(0, 60)}": a name is written in letters of two scripts`,
        },
      ];
}
