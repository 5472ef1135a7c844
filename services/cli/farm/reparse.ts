import { plainTable } from '../print/fit-table.ts';
import type { ApiClient } from './api-client.ts';

type Options = {
  readonly project: string;
  readonly since?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};
type Reading = {
  readonly job_id: string;
  readonly findings: number;
  readonly appear: readonly string[];
  readonly go: readonly string[];
};

/** Has the service read the stored logs of a project again, or report what that would change. */
export async function reparse(
  api: ApiClient,
  { project, since, dryRun = false, json = false }: Options,
  print: (line: string) => void,
): Promise<number> {
  const body = { dry_run: dryRun, ...(since === undefined ? {} : { since }) };
  const { jobs } = await api.post<{ jobs: Reading[] }>(`/projects/${encodeURIComponent(project)}/reparse`, body);
  if (json) print(JSON.stringify({ jobs }));
  else if (!dryRun) print(`${jobs.length} logs are read again; the findings follow within moments`);
  else {
    const changed = jobs.filter(({ appear, go }) => appear.length + go.length > 0);
    print(`${jobs.length} logs read, ${changed.length} with changes, nothing written`);
    if (changed.length > 0) {
      const rows = changed.map(({ job_id, findings, appear, go }) => [
        job_id,
        String(findings),
        `+${appear.length}`,
        `-${go.length}`,
      ]);
      print(plainTable(['job', 'findings', 'appear', 'go'], rows, [26, 8, 8, 8]));
    }
  }
  return 0;
}
