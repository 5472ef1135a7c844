import type { ChangedFile } from '../../../floor/changed-file.ts';
import { decidesVerdict, type PathRole, type RoleFound } from '../roles/define.ts';
import { roleOf } from '../roles/role-of.ts';
import type { Objection, Rule } from './define.ts';
import { baseName, type ReadFile, type Reading } from './reading/patch-reading.ts';
import { changedStatements } from './reading/same-statements.ts';

/** Roles whose files a finding may lie in, and be mended there: what they say must stay. */
const mendable: ReadonlySet<PathRole> = new Set(['test', 'hook', 'build_script', 'data']);

/** Who is judged may not touch who judges: a patch keeps to sources, and to the file in which its finding lies. */
export const judgeFile: Rule = {
  name: 'judge_file',
  judge: (patch) => patch.files.flatMap((file) => judgeOne(file, patch)),
};

/** The stricter role of both of its paths. */
function roleOfFile({ path, oldPath }: ChangedFile, { judged }: Reading): RoleFound {
  const [now, old] = [roleOf(path, judged.settings), roleOf(oldPath ?? path, judged.settings)];
  return decidesVerdict(old.role) ? old : now;
}

function judgeOne(read: ReadFile, patch: Reading): Objection[] {
  const { file } = read;
  const paths = [...new Set([file.path, file.oldPath ?? file.path])];
  if (paths.every((path) => patch.owned.has(path))) return [];
  const object = (rule: string, why: string, line: number | null = null): Objection[] => [
    { rule, path: file.path, line, why },
  ];
  if (patch.judged.method === 'bump')
    return object('file_not_owned', 'a bump changes the manifest and the lock file of its package, and nothing else');
  const { role, why, by } = roleOfFile(file, patch);
  if (file.status === 'added')
    return isNeeded(file, role, patch)
      ? []
      : object('new_file', `a new file comes along (${role}: ${why}): only a file that the finding names may be new`);
  if (role === 'documentation') return [];
  const { findings } = patch.judged;
  const here = findings === undefined ? [] : findings.filter((one) => one.file !== null && paths.includes(one.file));
  // A source that is called like a module which others load by name was there before: it is a source all the same.
  const isSource =
    role === 'source' || (role === 'loaded_by_name' && by !== 'any repository' && file.status === 'modified');
  if (isSource && file.status === 'deleted' && findings?.some(({ kind }) => kind === 'test_fail') === true)
    return object('code_removed', 'a source is taken away, and a test fails: mend what it does');
  if (isSource)
    return file.status === 'renamed' ? object('renamed_away', 'a file is moved: no finding asks for that') : [];
  const words = role.replaceAll('_', ' ');
  if (!mendable.has(role))
    return object(ruleOf(role), `${words} (${why}): it decides what is judged and how, and is for people to change`);
  if (findings !== undefined && here.length === 0)
    return object('judge_file', `${words} (${why}): the finding lies elsewhere, so that only sources may change`);
  if (file.status !== 'modified')
    return object(
      role === 'test' ? 'test_deleted' : 'judge_file',
      `${words} (${why}): it is taken away, or is no longer found under its name`,
    );
  if (here.length > 0 && here.every(({ kind }) => kind === 'test_fail'))
    return object('judge_file', `${words} (${why}): a test that fails is mended in what it tests`);
  return judgeContent(read, role, why);
}

const ruleOf = (role: PathRole) =>
  ({
    configuration: 'tool_configuration',
    lock: 'lock_file_changed',
    manifest: 'dependency_changed',
    fixture: 'fixture_changed',
  })[role as string] ?? 'judge_file';

/** Only a file that the finding names, beside it and of its kind, and with nothing else in it than what it needs. */
function isNeeded({ path }: ChangedFile, role: PathRole, { judged }: Reading): boolean {
  const { findings, method } = judged;
  // Whoever was asked for something new brings its tests: one more file of them takes nothing from those that are there.
  if (findings === undefined && method === 'bottle' && role === 'test') return true;
  if (findings === undefined) return role === 'source' || role === 'documentation';
  return findings.some(({ file, message }) => {
    const named = file === path || (message ?? '').includes(baseName(path));
    const folder = (at: string) => at.slice(0, at.lastIndexOf('/') + 1);
    const ending = (at: string) => /\.[^./]+$/.exec(at)?.[0] ?? '';
    return (
      role === 'source' && named && file !== null && folder(file) === folder(path) && ending(file) === ending(path)
    );
  });
}

/** What a file that judges says, read from its tree; one that cannot be read may change its white space. */
function judgeContent({ file, before, after }: ReadFile, role: PathRole, why: string): Objection[] {
  if (before === null || after === null) return [];
  const object = (line: number | null, text: string): Objection[] => [
    { rule: 'assertion_changed', path: file.path, line, why: text },
  ];
  const words = role.replaceAll('_', ' ');
  if (before.tree === null || after.tree === null) {
    if (role === 'data' || role === 'build_script') return [];
    return before.text.replace(/\s+/g, '') === after.text.replace(/\s+/g, '')
      ? []
      : object(null, `${words} (${why}): there is no grammar by which to see that it still says the same`);
  }
  if (role !== 'test' && role !== 'hook') return [];
  return changedStatements(before.tree, after.tree)
    .slice(0, 10)
    .flatMap(({ line, side, node, text }) =>
      object(
        line,
        `${node} "${text}" ${side === 'after' ? 'is new or says something else' : 'no longer says this'}: a ${words} must say what it said`,
      ),
    );
}
