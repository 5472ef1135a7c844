import type { SyntaxTree } from '../../../../floor/text/syntax-tree.ts';
import { nodesOf } from '../../../../floor/text/syntax-tree.ts';
import { passing, temporary } from './assertion-words.ts';
import { importsIn } from './import-names.ts';
import { type Change, identifiersIn, type Statement, statementsOf } from './statements-of.ts';

/** Beyond so many statements nobody looks for a reason: it costs the square of their number. */
const mostExplained = 400;

type Rest = { gone: Statement[]; come: Statement[] };

/**
 * What of a file that judges has changed in meaning: nothing, when each of its statements still says the same, in the same
 * place. Names of locals, quotes, types, order of imports, names that stand for one another and temporary folders may change;
 * what is passed over may run again. Everything else is not understood, and so it is told.
 */
export function changedStatements(before: SyntaxTree, after: SyntaxTree): Change[] {
  const old = described(statementsOf(before));
  const now = described(statementsOf(after));
  const wrong = importsIn(old, now);
  let rest: Rest = unmatched(
    old.filter(({ kind }) => kind !== 'import'),
    now.filter(({ kind }) => kind !== 'import'),
  );
  if (rest.gone.length + rest.come.length === 0) return wrong;
  if (rest.gone.length + rest.come.length > mostExplained) return told(rest, wrong);
  rest = renamed(rest, old, now);
  const left = new Set([...nodesOf(after.root)].filter(({ kids }) => kids.length === 0).map(({ text }) => text));
  rest = retitled(rest);
  rest = awaited(rest);
  rest = moved(rest);
  rest = headed(rest);
  rest = narrowed(rest);
  rest = inFolder(rest);
  rest = added(rest, old);
  rest.gone = rest.gone.filter((one) => !mayGo(one, left, rest.come));
  rest.come = rest.come.filter(
    (one) =>
      !(
        one.kind === 'statement' &&
        (kept(one, old, left) || /^(\w+) :?= \1$|^t \. (?:Helper|Parallel) \( \)$/.test(one.says))
      ),
  );
  return told(rest, wrong);
}

function told({ gone, come }: Rest, wrong: readonly Change[]): Change[] {
  return [
    ...wrong,
    ...come.map((one) => changeOf(one, 'after' as const)),
    ...gone.map((one) => changeOf(one, 'before' as const)),
  ];
}

/** What RSpec calls the class that is described, and a new one of it. */
function described(all: readonly Statement[]): Statement[] {
  const name = all.flatMap(({ kind, says }) =>
    kind === 'head' ? (/\bdescribe ([A-Z][\w:]*)\b/.exec(says)?.[1] ?? []) : [],
  )[0];
  if (name === undefined || all.some(({ says }) => /^(?:let !? ?:)?subject\b/.test(says))) return [...all];
  return all.map((one) => ({
    ...one,
    says: one.says.replace(/\bdescribed_class\b/g, name).replace(/\bsubject\b/g, `${name} . new`),
  }));
}

const changeOf = ({ line, node, tokens }: Statement, side: Change['side']): Change => ({
  line,
  side,
  node: node.type,
  text: tokens.join(' ').slice(0, 120),
});

const placeKey = ({ within }: Statement) => within.join(' > ');

/** Takes out what is the same on both sides, as often as it is there. */
function unmatched(
  gone: readonly Statement[],
  come: readonly Statement[],
  same = (a: Statement, b: Statement) => placeKey(a) === placeKey(b),
): Rest {
  const byWords = new Map<string, Statement[]>();
  for (const one of gone) {
    const alike = byWords.get(one.says);
    if (alike === undefined) byWords.set(one.says, [one]);
    else alike.push(one);
  }
  const fresh = come.filter((one) => {
    const candidates = byWords.get(one.says) ?? [];
    const at = candidates.findIndex((other) => one.level >= other.level && same(other, one));
    if (at >= 0) candidates.splice(at, 1);
    return at < 0;
  });
  const left = new Set([...byWords.values()].flat());
  return { gone: gone.filter((one) => left.has(one)), come: fresh };
}

/** A local, a test or a helper of the file has another name, everywhere. */
function renamed(rest: Rest, old: readonly Statement[], now: readonly Statement[]): Rest {
  const names = (all: readonly Statement[]) => [...new Set(all.flatMap((one) => [...one.declares, ...definedBy(one)]))];
  const words = (all: readonly Statement[]) => new Set(all.flatMap(({ node }) => identifiersIn(node)));
  const [oldWords, nowWords] = [words(old), words(now)];
  const lost = names(old).filter((name) => !nowWords.has(name));
  const won = names(now).filter((name) => !oldWords.has(name));
  if (lost.length === 0 || lost.length !== won.length || lost.length > 8) return rest;
  const map = new Map(lost.map((name, at) => [name, won[at] ?? name]));
  if ([...map].some(([from, to]) => style(from) !== style(to) || passing.test(to))) return rest;
  const put = (text: string) =>
    text
      .split(' ')
      .map((word) => map.get(word) ?? word)
      .join(' ');
  const gone = rest.gone.map((one) => ({
    ...one,
    says: put(one.says),
    within: one.within.map(put),
    tokens: one.tokens.map((word) => map.get(word) ?? word),
  }));
  return unmatched(gone, rest.come);
}

/** What a runner goes by in a name. */
const style = (name: string) =>
  /^_?(?:test_?|Test(?![a-z])|it_|should_?|spec_?|Benchmark|Example|Fuzz)/.exec(name)?.[0] ??
  /(?:Test|Tests|_test|Spec)$/.exec(name)?.[0] ??
  '';
const isTestName = (name: string) => style(name) !== '';

function definedBy({ kind, within, node }: Statement): string[] {
  if (kind !== 'head') return [];
  const match =
    /^(?:(?:async |pub |static |export |default |private |protected |override |suspend |fn |function |def |fun |func |void |class |@\w+ )+)(\w+)/.exec(
      `${node.text.slice(0, 300)}`,
    );
  void within;
  return match?.[1] === undefined ? [] : [match[1]];
}

/** A promise is waited for that was not. */
function awaited({ gone, come }: Rest): Rest {
  const plain = (text: string) => text.replace(/(?:^| )await(?= )/g, '').trim();
  const bare = come.map((one) => ({ ...one, says: plain(one.says) }));
  const rest = unmatched(gone, bare);
  return { gone: rest.gone, come: come.filter((_, at) => rest.come.includes(bare[at] as Statement)) };
}

const opening =
  /^(?:with|using|try) (?:\( )?(?:open|io|gzip|tempfile|self \. subTest|closing|contextlib \. closing|var|new|\w+ = (?:open|new)|.{0,40}Temp)/;
const lifted =
  /^(?:if|unless|try|else|with pytest \. raises|with self \. assertRaises|call (?:\w+\.)?(?:assertThrows|assertRaises|raises|expect))/;

const ran = (place: string) =>
  place
    .replace(/\.(?:skip|only|todo|fixme|failing|fails)\b/g, '')
    .replace(/\b[xf](?=(?:it|test|describe|context|specify)\b)/g, '');

/** A statement stands in fewer conditions than before, or in a block that only opens and closes something. */
function moved({ gone, come }: Rest): Rest {
  return unmatched(gone, come, (a, b) => {
    const from = a.within.filter((place) => !opening.test(place)).map(ran);
    const to = b.within.filter((place) => !opening.test(place));
    let at = 0;
    const dropped = from.filter((place) => {
      const same = place === to[at];
      if (same) at += 1;
      return !same;
    });
    return at === to.length && dropped.every((place) => lifted.test(place));
  });
}

/** A test has another name, by which its runner still finds it, and does what it did. */
function retitled({ gone, come }: Rest): Rest {
  const body = (head: Statement, all: readonly Statement[]) => {
    const place = [...head.within, `fn ${definedBy(head)[0] ?? ''}`].join(' > ');
    return all.filter((one) => placeKey(one) === place || placeKey(one).startsWith(`${place} > `));
  };
  const left = new Set(gone);
  const done = new Set<Statement>();
  for (const head of come.filter((one) => one.kind === 'head' && definedBy(one).length > 0)) {
    const now = body(head, come);
    const twin = [...left].find((one) => {
      const [from = '', to = ''] = [definedBy(one)[0], definedBy(head)[0]];
      if (
        one.kind !== 'head' ||
        style(from) !== style(to) ||
        passing.test(to) ||
        one.says.replace(from, to) !== head.says
      )
        return false;
      const words = body(one, [...left]).map(({ says }) => says);
      return now.every(({ says }) => words.includes(says)) && now.length > 0;
    });
    if (twin === undefined) continue;
    const words = now.map(({ says }) => says);
    for (const one of [
      twin,
      ...body(twin, [...left]).filter(
        ({ says }) => words.splice(words.indexOf(says), words.includes(says) ? 1 : 0).length > 0,
      ),
    ])
      left.delete(one);
    for (const one of [head, ...now]) done.add(one);
  }
  return { gone: gone.filter((one) => left.has(one)), come: come.filter((one) => !done.has(one)) };
}

/** Any error was expected at all; then a named one is. */
const raising =
  /\b(raises|assertRaises|warns|assertThrows|assertThrowsExactly|Throws|toThrow|raise_error|expectException) (?:\( )?(?:(?:builtins \. )?(?:Base)?Exception|Throwable|Error|StandardError|RuntimeException)(?: \. class| :: class)?\b/;
const raised =
  /\b(raises|assertRaises|warns|assertThrows|assertThrowsExactly|Throws|toThrow|raise_error|expectException) (?:\( )?[\w.]+(?: \. (?:class|\w+))*(?: :: class)?(?: (?:match|with_message) = "(?:[^"\\]|\\.)*")?/;

/** The head of a function or a block that is written otherwise, and means the same or asks for more. */
function headed({ gone, come }: Rest): Rest {
  const plain = (text: string) =>
    text
      .replace(/^with (.+) as (\w+)$/, '$2 = $1')
      .replace(/^(?:using|try) \( (.+) \)$/, '$1')
      .replace(/\b(?:tmp_?path|tmpdir|@TempDir|Path tempDir) ?/g, '')
      .replace(/ \. (?:skip|only|todo|fixme|failing|fails)\b/g, '')
      .replace(/\b[xf](it|test|describe|context|specify)\b/g, '$1')
      .replace(
        /^((?:\w+ \. )*(?:it|test|describe|context|specify|suite|t \. Run|subTest|scenario)) (?:\( )?"(?:[^"\\]|\\.)*"/,
        '$1',
      );
  const shown = (one: Statement) => ({ ...one, says: plain(one.says) });
  // What is passed over may run again; the other way round is a change.
  const runs = gone.map((one) =>
    one.kind === 'head' || /^with|^using/.test(one.says) || / = /.test(one.says) ? shown(one) : one,
  );
  const new_ = come.map((one) =>
    (one.kind === 'head' && !passing.test(one.says)) || / = /.test(one.says) ? shown(one) : one,
  );
  const rest = unmatched(runs, new_);
  return {
    gone: gone.filter((_, at) => rest.gone.includes(runs[at] as Statement)),
    come: come.filter((_, at) => rest.come.includes(new_[at] as Statement)),
  };
}

function narrowed({ gone, come }: Rest): Rest {
  const wide = gone.map((one) =>
    raising.test(one.says) ? { ...one, says: one.says.replace(raising, '$1 …').replace(/ \)$/, '') } : one,
  );
  const narrow = come.map((one) =>
    raised.test(one.says) && !raising.test(one.says)
      ? { ...one, says: one.says.replace(raised, '$1 …').replace(/ \)$/, '') }
      : one,
  );
  // A pattern that is asked for beside the error asks for more.
  const named = gone.map((one) =>
    raised.test(one.says) && !/ match = /.test(one.says) ? { ...one, says: one.says.replace(/ \)$/, '') } : one,
  );
  const matched = come.map((one) => ({ ...one, says: one.says.replace(/ match = "(?:[^"\\]|\\.)*" \)$/, '') }));
  const first = unmatched(wide, narrow);
  const second = unmatched(named, matched);
  return {
    gone: gone.filter(
      (_, at) => first.gone.includes(wide[at] as Statement) && second.gone.includes(named[at] as Statement),
    ),
    come: come.filter(
      (_, at) => first.come.includes(narrow[at] as Statement) && second.come.includes(matched[at] as Statement),
    ),
  };
}

const cleaning =
  /^(?:if|defer|not|with|as|t|self|os|fs|path|shutil|nil|None|Fatal|Error|RemoveAll|rmtree|rmSync|rm|unlink|close|cleanup|join|str|FileUtils|rm_rf)$/;

/** A test that wrote to a fixed place writes to a folder of its own: the place differs, and nothing else. */
function inFolder(rest: Rest): Rest {
  const first = rest.come.filter(({ tokens }) => tokens.some((word) => temporary.test(word)));
  const fixed = (one: Statement) =>
    one.tokens.some((word) => temporary.test(word) || /^"(?:\/tmp|\/var\/tmp|\.\/tmp|tmp)\b/.test(word));
  const old = rest.gone.filter(fixed);
  if (first.length === 0 && old.length === 0) return rest;
  if (old.length === 0 || (first.length === 0 && !rest.gone.some(fixed))) return rest;
  const names = new Set([...first, ...old].flatMap(({ declares }) => declares));
  const wordsIn = (one: Statement) => one.tokens.filter((word) => /^[A-Za-z_]\w*$/.test(word));
  const about = (one: Statement) =>
    fixed(one) ||
    (wordsIn(one).some((name) => names.has(name)) &&
      wordsIn(one).every((name) => names.has(name) || cleaning.test(name)));
  const isClaim = ({ says, level }: Statement) => level > 0 || /\b(?:assert\w*|expect)\b/i.test(says);
  return {
    gone: rest.gone.filter((one) => isClaim(one) || !about(one)),
    come: rest.come.filter((one) => isClaim(one) || !about(one)),
  };
}

const reaching =
  /\b(?:mock\w*|patch|monkeypatch|setattr|stub\w*|spy\w*|allow|sys|globals|globalThis|fixture|before\w*|setup\w*|setUp\w*|exit|eval|exec)\b/;

/** A new test beside the others, which reaches for nothing that they use. */
function added(rest: Rest, old: readonly Statement[]): Rest {
  const titles = new Set(old.filter(({ kind }) => kind === 'head').flatMap((one) => definedBy(one)));
  const heads = rest.come.filter(
    (one) => one.kind === 'head' && definedBy(one).some((name) => isTestName(name) && !titles.has(name)),
  );
  const places = new Set(heads.map((one) => [...one.within, `fn ${definedBy(one)[0] ?? ''}`].join(' > ')));
  const inside = (one: Statement) =>
    heads.includes(one) ||
    [...places].some((place) => placeKey(one) === place || placeKey(one).startsWith(`${place} > `));
  const all = rest.come.filter(inside);
  const assigns = all.some(
    ({ tokens }) => reaching.test(tokens.join(' ')) || /(?:^| )\w+ (?:\.|->|::|\[) .* = /.test(tokens.join(' ')),
  );
  return all.length === 0 || assigns || all.some(({ says }) => passing.test(says))
    ? rest
    : { gone: rest.gone, come: rest.come.filter((one) => !inside(one)) };
}

/** Something that may go: what passed a test over, or a name that nobody uses and that called nothing. */
function mayGo(one: Statement, left: ReadonlySet<string>, come: readonly Statement[]): boolean {
  if (passing.test(one.tokens.join(' ')) && one.level === 0) return true;
  if (one.kind === 'head' || one.kind === 'mark') return false;
  const unused = one.declares.length > 0 && one.declares.every((name) => !left.has(name));
  if (unused && !one.hasCall) return true;
  if (unused) return come.some(({ says }) => one.says.endsWith(says));
  return (
    /^(?:pass|\.\.\.|return|break|continue)$/.test(one.says) ||
    /(?:\.|->) (?:close|Close|Dispose|dispose|end) \( \)$/.test(one.says)
  );
}

/** The call of a declaration that nobody used stays without its name. */
function kept(one: Statement, old: readonly Statement[], left: ReadonlySet<string>): boolean {
  return old.some(
    ({ says, declares }) =>
      declares.length > 0 && declares.every((name) => !left.has(name)) && says.endsWith(` = ${one.says}`),
  );
}
