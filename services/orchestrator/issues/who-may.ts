import type { OrchestrateSettings } from '../../../events/projects/project.ts';
import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import type { Talk, TalkComment } from '../../io/forge/talk/talk.ts';
import type { WorkDeps } from '../work-deps.ts';

/** A project whose issues may start agents, and its settings; null where nothing may. */
export type Orchestrated = {
  readonly project: ProjectDoc;
  readonly settings: OrchestrateSettings;
  readonly organisation: string;
  readonly talk: Talk;
};

/** What a project lets issues do; null: nothing, which is what it does unless told. */
export function orchestrated(
  name: string,
  deps: Pick<WorkDeps, 'models' | 'config' | 'openTalk'>,
): Orchestrated | null {
  const project = deps.models.query().projects.find(name);
  const settings = project?.orchestrate;
  const organisation = settings?.org ?? deps.config.orchestrator.org;
  if (!project?.enabled || !settings || organisation === null) return null;
  const talk = deps.openTalk(name);
  return talk && { project, settings, organisation, talk };
}

/** Of these people, those who may have agents work here, in lower case. */
export async function allowedAmong(
  logins: readonly string[],
  { settings, organisation, talk }: Orchestrated,
  { members }: Pick<WorkDeps, 'members'>,
): Promise<ReadonlySet<string>> {
  const found = await members.among(organisation, logins, talk);
  const people = settings.people?.map((one) => one.toLowerCase());
  return people ? new Set([...found].filter((login) => people.includes(login))) : found;
}

/** Whether something was said by the farm itself, or by another program. */
export function isProgram({ author }: Pick<TalkComment, 'author'>, me: string | null): boolean {
  return author.toLowerCase() === me?.toLowerCase() || author.endsWith('[bot]');
}

/** The agent for which a label stands; null for one that stands for none, or for one that may not work here. */
export function agentOfLabels(labels: readonly string[], { agents, labels: own = [] }: OrchestrateSettings) {
  for (const label of labels) {
    const named = own.find((one) => one.label === label)?.agent ?? /^crafting-table:(.+)$/.exec(label)?.[1];
    if (named !== undefined && agents.includes(named)) return { label, agent: named };
  }
  return null;
}
