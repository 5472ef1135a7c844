import { detect, type Problem } from '../../recipes/detection/detect.ts';
import { machineHas } from '../../recipes/toolchains/machine-has.ts';
import { withBundledTools } from '../bundled-tools.ts';
import { AppError } from '../floor/app-error.ts';
import type { Remote, Workspaces } from '../io/git/trees/workspaces.ts';
import { type DetectedProject, detectedDocument } from './rules/detected-document.ts';

type Wanted = {
  readonly name: string;
  /** The address that the document names, without a credential. */
  readonly shown: string;
  readonly remote: Remote;
  readonly branch: string;
  readonly signal?: AbortSignal;
};
type Deps = {
  readonly workspaces: Pick<Workspaces, 'checkout'>;
  readonly env: NodeJS.ProcessEnv;
  /** Also commands of tools that are not there: the document is for another machine. */
  readonly allTools?: boolean;
};

/**
 * Looks at the tip of a branch and proposes the project's document. Nothing of the repository is run. The one function
 * behind `init`, `projects add --detect`, `POST /detect` and the tool of MCP. Throws AppError: `not_found`, `unavailable`,
 * `timeout` as a checkout does, `invalid` when nothing was found.
 */
export async function detectProject(
  { name, shown, remote, branch, signal }: Wanted,
  { workspaces, env, allTools = false }: Deps,
): Promise<DetectedProject & { sha: string }> {
  const checkout = await workspaces.checkout({ remote, branch, ...(signal ? { signal } : {}) });
  try {
    const found = await detect(checkout.dir, {
      ...machineHas(withBundledTools(env)),
      keepMissing: allTools,
    });
    if (found.subprojects.length === 0 && found.off.length === 0)
      throw new AppError(
        'invalid',
        `Nothing that a known tool could build, test, lint or audit was found in ${shown}.${unread(found.problems)}`,
        {
          name: 'nothing_found',
        },
      );
    return { sha: checkout.sha, ...detectedDocument({ name, git_url: shown, default_branch: branch }, found) };
  } finally {
    await checkout.release();
  }
}

function unread([first, ...others]: readonly Problem[]): string {
  if (first === undefined) return '';
  const more = others.length > 0 ? `, and ${others.length} more` : '';
  return ` Not read: ${first.path} (${first.why})${more}.`;
}
