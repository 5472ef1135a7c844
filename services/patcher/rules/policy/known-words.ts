import { roleOf } from '../roles/role-of.ts';
import type { Objection, Rule } from './define.ts';
import { everydayOf, words } from './everyday-words.ts';
import { aimOf } from './reading/aim.ts';
import { boundBy } from './reading/import-names.ts';
import type { FoundAt } from './reading/judged-patch.ts';
import type { Line, ReadFile, Reading, Side } from './reading/patch-reading.ts';
import { statementsOf } from './reading/statements-of.ts';
import { type Word, wordsIn } from './reading/words-of.ts';

const doors = /`|\$[0^!]|<\*|__\w+__/;
const equality =
  /(?:==|\beq\b|~=|\bis\b)\s*["']?-?\d{2,}|-?\d{2,}\s*(?:==|\beq\b)|(?:==|\beq\b)\s*-?\d.*(?:==|\beq\b)\s*-?\d/;
const answer = /(?:\breturn\b|[?=]|\bthen\b|=>|->)\s*["']?-?\d+["']?\s*(?:;|$|:|\}|\bend\b|\bif\b|\bunless\b)/;
/** Names that a language calls by itself: to say them once more does not explain them. */
const magic =
  /^(?:__\w+__|toJSON|valueOf|toString|then|constructor|prototype|method_missing|respond_to_missing\?|inherited|included|finalize|readResolve|init|Symbol|deinit|subscript|_)$/;
/** What is read of things that tells more than they were made for. */
const telling =
  /^(?:__\w+|(?:f|tb|gi|co|cr|ag)_\w+|stack\w*|env\w*|argv|caller|callee|constructor|prototype|\w*HTML|srcdoc|std(?:in|out|err)|main|parent|children|cache)$/;
const failures = /^[A-Z]\w*(?:Error|Exception)$/;
/** What a secret may be asked of, and what starts a program without a shell. */
const environment =
  words(`os os.environ os.getenv os.Getenv os.LookupEnv process::env ENV System.getenv Environment.GetEnvironmentVariable
  System.Environment getenv std::env env.var ProcessInfo.processInfo.environment`);
const programs =
  words(`subprocess subprocess.run subprocess.check_output subprocess.check_call child_process node:child_process execFile
  execFileSync spawn spawnSync ProcessBuilder Open3`);

/**
 * What is not understood is not let pass: a source may do with the words that its file had, those that its finding speaks of,
 * those that it declares and speaks of again, everyday words, and modules that do nothing but what they say. An edit of the
 * tool itself and a bump say nothing of their own.
 */
export const knownWords: Rule = {
  name: 'known_words',
  judge: (patch) =>
    patch.judged.findings === undefined || !/^(?:agent|given)$/.test(patch.judged.method)
      ? []
      : patch.files
          .filter((read) => isSource(read, patch))
          .flatMap((read) => strange(read, patch, patch.judged.findings ?? [])),
};

const isSource = ({ file, after }: ReadFile, { judged }: Reading) =>
  after?.language?.syntax != null &&
  after.language.name !== 'markdown' &&
  /^(?:source|loaded_by_name)$/.test(roleOf(file.path, judged.settings).role);

function strange(read: ReadFile, patch: Reading, findings: readonly FoundAt[]): Objection[] {
  const { file, after, added } = read;
  if (after === null || (after.grammar === null && !aimOf(findings).test)) return [];
  const object = (line: number, why: string): Objection => ({ rule: 'not_understood', path: file.path, line, why });
  const said = wordsIn(after);
  const { secret, shell } = aimOf(findings);
  const known = new Set([...spokenOf(findings), ...namesAgain(said)]);
  for (const { before } of patch.files) for (const { text } of before === null ? [] : wordsIn(before)) known.add(text);
  for (const name of respelt(read.before === null ? [] : wordsIn(read.before), said)) known.add(name);
  const asked = [...(secret ? environment : []), ...(shell ? programs : [])];
  const { names, foreign } = importsOf(read, asked);
  for (const name of names) known.add(name);
  const everyday = everydayOf(after.grammar);
  const pure = new Set([...everyday.pure, ...asked]);
  const locals = new Set(
    said.flatMap(({ text, declared, inside }) => (declared === 'name' && inside ? [text.replace(/^\$/, '')] : [])),
  );
  const isOfLocal = (path: string) => /^\$?\w+(?:\.\w+)+$/.test(path) && locals.has(/\w+/.exec(path)?.[0] ?? '');
  const isKnown = ({ text, path, to, called, read }: Word) =>
    known.has(text) ||
    /^_+$/.test(text) ||
    (read && !telling.test(text) && isOfLocal(path)) ||
    (called && /^(?:go|java|c-sharp)$/.test(after.grammar ?? '')) ||
    everyday.words.has(after.grammar === null ? text.toLowerCase() : text) ||
    failures.test(text) ||
    (/^(?:self|this)\.\w+$/.test(path) && !magic.test(text)) ||
    [...prefixes(path), ...prefixes(to)].some((one) => pure.has(one));
  const unknown = new Map(said.filter((one) => !isKnown(one)).map((one) => [one.text, one]));
  return [
    ...foreign.map(({ module, line }) =>
      object(line, `import "${module}": a module that the file did not use, and that is not known`),
    ),
    ...[...unknown.values()].map(({ text, path, line }) =>
      object(
        line,
        `word "${path.slice(0, 60)}": neither the file nor its finding has "${text.slice(0, 40)}", and it is not known`,
      ),
    ),
    ...(after.grammar === null ? added.flatMap((line, at) => byLine(line, added.slice(at, at + 3), file.path)) : []),
  ].slice(0, 5);
}

/** What the finding itself asks for. */
function spokenOf(findings: readonly FoundAt[]): string[] {
  return findings.flatMap(({ message, code }) => `${message ?? ''} ${code ?? ''}`.match(/[A-Za-z_]\w*[!?]?/g) ?? []);
}

/** What is declared, and spoken of elsewhere: who declares something that nobody speaks of means somebody else by it. */
function namesAgain(said: readonly Word[]): Set<string> {
  const times = new Map<string, number>();
  for (const { text } of said) times.set(bare(text), (times.get(bare(text)) ?? 0) + 1);
  return new Set(
    said
      .filter(
        ({ text, declared }) =>
          declared !== null && !magic.test(text) && (declared === 'key' || (times.get(bare(text)) ?? 0) > 1),
      )
      .flatMap(({ text }) => [text, `@${text}`, `:${text}`]),
  );
}

/** What is declared in place of a name of the same letters: in another case, or with an underscore for what nobody uses. */
function respelt(old: readonly Word[], now: readonly Word[]): string[] {
  const left = new Map<string, number>();
  for (const { text } of old) left.set(text, (left.get(text) ?? 0) + 1);
  for (const { text } of now) left.set(text, (left.get(text) ?? 0) - 1);
  const gone = new Set([...left].flatMap(([text, times]) => (times > 0 ? [letters(text)] : [])));
  return now.flatMap(({ text, declared }) =>
    declared !== null && !magic.test(text) && !/^_\w*_$/.test(text) && gone.has(letters(text)) ? [text] : [],
  );
}
const letters = (text: string) => bare(text).replaceAll('_', '').toLowerCase();
const bare = (text: string) => text.replace(/^[$@:]+/, '');

/** `std.collections.HashMap` by itself and by what stands before it. */
function prefixes(path: string): string[] {
  const parts = path.split('.');
  return parts.map((_, at) => parts.slice(0, at + 1).join('.'));
}

function importsOf(
  { file, before, after }: ReadFile,
  asked: readonly string[],
): { names: string[]; foreign: { module: string; line: number }[] } {
  if (after?.tree == null || after.grammar === 'bash') return { names: [], foreign: [] };
  const of = (side: Side | null) => (side?.tree == null ? [] : boundBy(statementsOf(side.tree)));
  const old = new Set(of(before).map(({ module }) => dotted(module)));
  const pure = new Set([...everydayOf(after.grammar).pure, ...asked]);
  const folders = new Set(file.path.split('/').slice(0, -1));
  const names: string[] = [];
  const foreign = new Map<string, { module: string; line: number }>();
  for (const { name, module, own, from } of of(after)) {
    const path = dotted(module);
    const isOwn = own || folders.has(path.split('.')[0] ?? '') || [...old].some((one) => isBeside(one, path));
    const isPure =
      prefixes(path).some((one) => pure.has(one)) || pure.has(module) || pure.has(module.replace(/^[<"]|[>"]$/g, ''));
    if (isOwn || isPure || path === 'System' || old.has(path))
      names.push(name, ...from.tokens.filter((word) => /^\w+$/.test(word)));
    else foreign.set(path, { module, line: from.line });
  }
  return { names, foreign: [...foreign.values()] };
}

const dotted = (module: string) => module.replace(/::|\\/g, '.');

/** Two modules of one package of the repository. */
function isBeside(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => path.split(/[./]/));
  const deep = /\//.test(one) ? 4 : 2;
  return a !== undefined && b !== undefined && a.length >= deep && a.slice(0, deep).join() === b.slice(0, deep).join();
}

/** Where there is no grammar, a line is read by itself. */
function byLine({ code, at }: Line, near: readonly Line[], path: string): Objection[] {
  const why = doors.test(code)
    ? 'there is no grammar for this language to read it by'
    : equality.test(code) && near.some((one) => one.at - at < 3 && answer.test(one.code))
      ? 'an answer is given by heart for one question: work it out'
      : null;
  return why === null ? [] : [{ rule: 'not_understood', path, line: at, why: `line "${code.slice(0, 80)}": ${why}` }];
}
