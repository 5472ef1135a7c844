import { Type } from '@sinclair/typebox';
import { Commit, nullable } from '../../../events/fields.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import { ownersOf } from '../../findings/rules/code-owners.ts';
import { AppError } from '../../floor/app-error.ts';
import { withoutCredentials } from '../../patcher/rules/agent/prompt-secrets.ts';
import { callerOf } from '../authenticate.ts';
import { type ApiDeps, type Routes, success } from '../define.ts';
import { ownProject } from '../projects/project-routes.ts';
import { ownFinding } from './finding-routes.ts';
import { ownerRules } from './owned-files.ts';
import { authorsOf, filesAt, redactionFor } from './project-sources.ts';

const mostLines = 1_000;
const mostBytes = 4 * 1024 * 1024;
const longestLine = 2_000;
/** Lines on each side of a finding whose authors are asked for, and how many of these are named. */
const aroundLines = 5;
const mostAuthors = 5;
const named = Type.Object({ name: Type.String() });
const Path = Type.String({ minLength: 1, maxLength: 1024 });

const Lines = success({
  sha: Type.String(),
  path: Type.String(),
  from: Type.Integer(),
  to: Type.Integer({ description: 'the last line that is given; before `from` where there is none' }),
  total_lines: Type.Integer(),
  lines: Type.Array(Type.String(), { description: 'longer than 2,000 characters: cut' }),
});

/** The source of a project: some lines of a file at a commit, and whose files are. */
export const sourceRoutes: Routes = (app, deps) => {
  app.get(
    '/projects/:name/source',
    {
      schema: {
        summary:
          'Lines of a file at a commit, out of the mirror; at most 1,000, without the tokens and secrets that stand there',
        params: named,
        querystring: Type.Object({
          path: Path,
          sha: Type.Optional(Commit),
          from: Type.Optional(Type.Integer({ minimum: 1, default: 1 })),
          to: Type.Optional(Type.Integer({ minimum: 1 })),
        }),
        response: {
          200: Lines,
        },
      },
    },
    async (request) => {
      const { path, from = 1, to = from + mostLines - 1, sha = null } = request.query;
      if (from > to) throw backwards(from, to);
      const project = ownProject(request.params.name, callerOf(request), deps);
      const at = sha ?? deps.models.query().jobs.judgedCommit(project.name);
      if (at === null) throw noSource();
      return linesOf(project, { path, sha: at, from, to }, deps);
    },
  );
  app.get(
    '/findings/:id/source',
    {
      schema: {
        summary: 'The lines around a finding, at the commit at which it was seen last',
        params: Type.Object({ id: Type.String() }),
        querystring: Type.Object({
          context: Type.Optional(
            Type.Integer({ minimum: 0, maximum: 200, default: 10, description: 'lines on each side' }),
          ),
        }),
        response: { 200: Lines },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { project: name, file, line, end_line, job_id } = ownFinding(request.params.id, caller, deps);
      const sha = deps.models.query().jobs.commitOfJob(job_id) ?? deps.models.query().jobs.judgedCommit(name);
      if (file === null || sha === null) throw noSource();
      const { context = 10 } = request.query;
      const [from, to] = [(line ?? 1) - context, (end_line ?? line ?? 1) + context];
      return linesOf(ownProject(name, caller, deps), { path: file, sha, from: Math.max(1, from), to }, deps);
    },
  );
  app.get(
    '/findings/:id/owners',
    {
      schema: {
        summary: 'Whose the place of a finding is: by CODEOWNERS, and who wrote the lines around it',
        params: Type.Object({ id: Type.String() }),
        response: {
          200: success({
            sha: nullable(Type.String()),
            codeowners: nullable(
              Type.Object({
                file: Type.String({ description: 'which says so' }),
                line: nullable(Type.Integer({ description: 'of it' })),
                owners: Type.Array(Type.String()),
              }),
            ),
            authors: nullable(
              Type.Array(
                Type.Object({
                  name: Type.String(),
                  mail: Type.String(),
                  lines: Type.Integer({ description: `of the line and ${aroundLines} on each side` }),
                  wrote_line: Type.Boolean({ description: 'the line of the finding itself' }),
                  last: Type.String(),
                }),
                {
                  description:
                    'by git blame, whoever wrote most first; null where it names no line or it is not at hand',
                },
              ),
            ),
          }),
        },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const finding = ownFinding(request.params.id, caller, deps);
      const project = ownProject(finding.project, caller, deps);
      const { sha: judged, file, rules } = await ownerRules(project, deps);
      const rule = finding.file === null ? undefined : ownersOf(finding.file, rules);
      const sha = deps.models.query().jobs.commitOfJob(finding.job_id) ?? judged;
      const codeowners = file === null ? null : { file, line: rule?.line ?? null, owners: [...(rule?.owners ?? [])] };
      return { ok: true as const, sha, codeowners, authors: await authorsAt(project, sha, finding, deps) };
    },
  );
  app.get(
    '/projects/:name/owners',
    {
      schema: {
        summary: 'Whose files are, by CODEOWNERS at the commit that was judged last',
        params: named,
        querystring: Type.Object({ path: Type.Union([Path, Type.Array(Path, { minItems: 1, maxItems: 100 })]) }),
        response: {
          200: success({
            sha: nullable(Type.String()),
            file: nullable(Type.String({ description: 'which says so; null where there is none' })),
            owners: Type.Array(
              Type.Object({
                path: Type.String(),
                owners: Type.Array(Type.String()),
                line: nullable(Type.Integer({ description: 'of the file' })),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const project = ownProject(request.params.name, callerOf(request), deps);
      const { sha, file, rules } = await ownerRules(project, deps);
      const owners = [request.query.path].flat().map((path) => {
        const rule = ownersOf(path, rules);
        return { path, owners: [...(rule?.owners ?? [])], line: rule?.line ?? null };
      });
      return { ok: true as const, sha, file, owners };
    },
  );
};

/** Who wrote the lines around a finding; null where it names none, and where they cannot be had. */
async function authorsAt(
  project: ProjectDoc,
  sha: string | null,
  { file: path, line, end_line }: Pick<FindingDoc, 'file' | 'line' | 'end_line'>,
  deps: ApiDeps,
) {
  if (sha === null || path === null || line === null || !isPlainPath(path)) return null;
  const last = Math.min(Math.max(line, end_line ?? line), line + mostLines);
  const range = { path, from: Math.max(1, line - aroundLines), to: last + aroundLines };
  const found =
    (await authorsOf(project, sha, range, deps)) ??
    (await authorsOf(project, sha, { path, from: line, to: line }, deps));
  if (found === null) return null;
  const redact = await redactionFor(project, deps);
  return found.slice(0, mostAuthors).map(({ name, mail, lines, last: newest }) => ({
    ...{ name: redact(name), mail: redact(mail), lines: lines.length, last: newest },
    wrote_line: lines.includes(line),
  }));
}

type Wanted = { readonly path: string; readonly sha: string; readonly from: number; readonly to: number };

async function linesOf(project: ProjectDoc, { path, sha, from, to }: Wanted, deps: ApiDeps) {
  const bytes = isPlainPath(path) ? (await filesAt(project, sha, [path], deps)).get(path) : undefined;
  if (bytes === undefined) throw noSource();
  if (bytes.length > mostBytes || bytes.subarray(0, 8_000).includes(0))
    throw new AppError('conflict', 'The file is no text, or larger than 4 MiB.', { name: 'no_text' });
  const all = withoutCredentials(bytes.toString('utf8')).split(/\r\n|\n/);
  if (all.at(-1) === '') all.pop();
  const last = Math.min(to, from + mostLines - 1, all.length);
  const redact = await redactionFor(project, deps);
  const lines = all.slice(from - 1, last).map((line) => redact(line).slice(0, longestLine));
  return { ok: true as const, sha, path, from, to: last, total_lines: all.length, lines };
}

function isPlainPath(path: string): boolean {
  return !/[\0\\]/.test(path) && path.split('/').every((one) => one !== '' && one !== '.' && one !== '..');
}

function noSource(): AppError {
  return new AppError('not_found', 'There is no such file at that commit, or no mirror has it any more.', {
    name: 'no_source',
  });
}

function backwards(from: number, to: number): AppError {
  const fault = { path: '/querystring/to', message: `expected ${from} (\`from\`) or more; found ${to}` };
  return new AppError('invalid', `${fault.path}: ${fault.message}`, { faults: [fault] });
}
