import { ask } from './over-http.ts';
import type { Snapshot, SubscribeOptions } from './subscription.ts';

const page = 500;
/** A farm that is this busy is read as it moves. */
const steadyTries = 3;
/** Of one list; the rest of a longer one, which is the older part, is left out. */
const mostDocs = 100_000;

type Options = Pick<SubscribeOptions, 'url' | 'token' | 'projects' | 'severities'>;
type Doc = Record<string, unknown>;

/**
 * Reads the present state. When the log stands still meanwhile it is exactly that after `seq`. When it moves, `seq` is the
 * lowest that was seen: nothing after it can be missing, and what the state holds already comes again as events.
 */
export async function readSnapshot(options: Options, signal: AbortSignal): Promise<Snapshot> {
  for (let tries = 1; ; tries += 1) {
    const seen: number[] = [];
    const list = (path: string, query: Record<string, string> = {}) => readList(path, query, options, signal, seen);
    const projects = await list('projects');
    const findings = await list('findings', { state: 'open' });
    const jobs = await list('jobs');
    const seq = Math.min(...seen);
    if (seq === Math.max(...seen) || tries === steadyTries) return narrowed({ seq, projects, findings, jobs }, options);
  }
}

async function readList(
  path: string,
  query: Record<string, string>,
  options: Options,
  signal: AbortSignal,
  seen: number[],
): Promise<Doc[]> {
  const docs: Doc[] = [];
  for (let cursor: string | null = ''; cursor !== null && docs.length < mostDocs; ) {
    const parameters = { ...query, limit: String(page), ...(cursor === '' ? {} : { cursor }) };
    const answer = await ask(`/${path}?${new URLSearchParams(parameters)}`, options, signal);
    seen.push(Number(answer.header('x-crafting-seq')));
    const body = JSON.parse(await answer.text()) as { next_cursor: string | null } & Record<string, Doc[]>;
    docs.push(...(body[path] ?? []));
    cursor = body.next_cursor;
  }
  return docs;
}

/** The same filters as the events after it. */
function narrowed({ seq, projects, findings, jobs }: Snapshot, options: Options): Snapshot {
  const ofProject = (name: unknown) => !options.projects?.length || options.projects.includes(String(name));
  const ofSeverity = ({ severity }: Doc) =>
    !options.severities?.length || (options.severities as readonly unknown[]).includes(severity);
  return {
    seq,
    projects: projects.filter(({ name }) => ofProject(name)),
    findings: findings.filter((one) => ofProject(one.project) && ofSeverity(one)),
    jobs: jobs.filter(({ project }) => ofProject(project)),
  };
}
