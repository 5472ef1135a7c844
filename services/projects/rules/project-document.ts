import { type Static, Type } from '@sinclair/typebox';
import { closed, Name, oneOf, recipeNames, text } from '../../../events/fields.ts';
import {
  Agents,
  Concurrency,
  confinementFields,
  Deadlines,
  notifyWords,
  OrchestrateSettings,
  originFields,
  PatchSettings,
  type ProjectDocument,
  Schedule,
  Subproject,
} from '../../../events/projects/project.ts';
import type { RecipeUse } from '../../../events/projects/recipe-set.ts';
import { strangeText } from '../../../events/strange-text.ts';
import { readGlob } from '../../../recipes/detection/path-glob.ts';
import { AppError, type Fault } from '../../floor/app-error.ts';
import { mostWebhooks, WebhookInput, webhookFaults } from '../../notifier/rules/webhook-targets.ts';
import { scheduleFaults } from '../../scheduler/rules/schedule-words.ts';
import { agentFaults } from './agent-faults.ts';
import { confinementOf, networkFaults } from './confinement-fields.ts';

/** Subprojects as people write them. */
export const SubprojectInputs = Type.Array(
  closed({ ...Subproject.properties, timeout_secs: Type.Optional(Subproject.properties.timeout_secs) }),
  { maxItems: 256 },
);

/** A project as people send it: the document of the README, and a few things beside it. */
export const ProjectInput = closed(
  {
    name: Name,
    git_url: text(2048, 1),
    default_branch: Type.Optional(text(255, 1)),
    languages: Type.Optional(Type.Array(text(32, 1), { maxItems: 64 })),
    subprojects: Type.Optional(SubprojectInputs),
    schedule: Type.Optional(Schedule),
    notify: Type.Optional(
      closed({
        email: Type.Optional(Type.Union([text(320), Type.Array(text(320, 3), { maxItems: 64 })])),
        on: Type.Optional(Type.Array(oneOf(notifyWords), { maxItems: notifyWords.length })),
        auto_patch: Type.Optional(Type.Boolean()),
        webhooks: Type.Optional(Type.Array(WebhookInput, { maxItems: mostWebhooks })),
        commit_status: Type.Optional(Type.Boolean()),
        clawdforge: Type.Optional(Type.Boolean()),
      }),
    ),
    patch: Type.Optional(
      closed({
        ...PatchSettings.properties,
        /** Login names on the forge. */
        assignees: Type.Optional(
          Type.Array(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' }), { maxItems: 10 }),
        ),
      }),
    ),
    orchestrate: Type.Optional(OrchestrateSettings),
    concurrency: Type.Optional(Concurrency),
    supersede: Type.Optional(Type.Boolean()),
    retry_lost: Type.Optional(Type.Boolean()),
    enabled: Type.Optional(Type.Boolean()),
    deadlines: Type.Optional(Deadlines),
    agents: Type.Optional(Agents),
    ...originFields,
    ...confinementFields,
  },
  { title: 'ProjectInput' },
);

export type ProjectInput = Static<typeof ProjectInput>;

/** What is kept elsewhere and only referred to. */
type References = Pick<ProjectDocument, 'credential_ref'> & {
  email_ref: string | null;
  assignees_ref: string | null;
};

const defaultNotifyOn = ['audit_fail', 'cve_found', 'patch_drafted'] as const;

/** The mail addresses of a document, as a list. */
export function emailsOf({ notify }: ProjectInput): string[] {
  const emails = notify?.email ?? [];
  return (typeof emails === 'string' ? [emails] : emails).map((one) => one.trim()).filter(Boolean);
}

/** Makes the whole document out of what was sent, with the README's defaults. Throws AppError('invalid') with every fault. */
export function projectDocument(
  input: ProjectInput,
  { owner, gitUrl, refs }: { owner: string; gitUrl: string; refs: References },
): ProjectDocument {
  const faults = [
    ...strangeText(input),
    ...subprojectFaults(input),
    ...scheduleFaults(input.schedule ?? {}),
    ...branchFaults(input),
    ...emailFaults(input),
    ...webhookFaults(input.notify?.webhooks ?? []),
    ...networkFaults(input),
    ...agentFaults(input),
    ...labelFaults(input),
    ...sourceFaults(input),
  ];
  const [first] = faults;
  if (first) throw new AppError('invalid', `${first.path}: ${first.message}`, { faults });
  const subprojects = (input.subprojects ?? []).map(({ timeout_secs = 1800, ...rest }) => ({
    ...rest,
    path: cleanPath(rest.path) ?? rest.path,
    timeout_secs,
  }));
  const on = input.notify?.on ?? [];
  return {
    name: input.name,
    owner,
    git_url: gitUrl,
    credential_ref: refs.credential_ref,
    default_branch: input.default_branch ?? 'main',
    languages: input.languages ?? [...new Set(subprojects.map(({ language }) => language))],
    subprojects,
    schedule: input.schedule ?? {},
    notify: {
      email_ref: refs.email_ref,
      email_count: emailsOf(input).length,
      on: on.length > 0 ? on : [...defaultNotifyOn],
      auto_patch: input.notify?.auto_patch ?? false,
      ...(input.notify?.commit_status === undefined ? {} : { commit_status: input.notify.commit_status }),
      ...(input.notify?.clawdforge === undefined ? {} : { clawdforge: input.notify.clawdforge }),
    },
    ...(input.patch ? { patch: patchSettings(input.patch, refs.assignees_ref) } : {}),
    ...(input.orchestrate ? { orchestrate: input.orchestrate } : {}),
    concurrency: input.concurrency ?? {},
    supersede: input.supersede ?? false,
    retry_lost: input.retry_lost ?? false,
    enabled: input.enabled ?? true,
    ...(input.deadlines ? { deadlines: input.deadlines } : {}),
    ...(input.agents ? { agents: input.agents } : {}),
    ...(input.recipes ? { recipes: input.recipes } : {}),
    ...(input.recipe_sources ? { recipe_sources: input.recipe_sources.map(cleanUse) } : {}),
    ...(input.tier ? { tier: input.tier } : {}),
    ...(input.recipes_may ? { recipes_may: input.recipes_may } : {}),
    ...confinementOf(input),
  };
}

function patchSettings({ assignees: _names, ...settings }: NonNullable<ProjectInput['patch']>, ref: string | null) {
  return { ...settings, assignees_ref: ref };
}

function cleanUse({ at, ...use }: RecipeUse): RecipeUse {
  return at === undefined ? use : { ...use, at: cleanPath(at) ?? at };
}

/** Sources without a project that takes them, and the other way round, are a slip. */
function sourceFaults({ recipes, recipe_sources: uses }: ProjectInput): Fault[] {
  if (recipes === 'sources' && uses === undefined)
    return [{ path: '/body/recipe_sources', message: 'is needed where "recipes" is "sources"' }];
  if (recipes !== 'sources' && uses !== undefined)
    return [{ path: '/body/recipe_sources', message: 'is taken where "recipes" is "sources" alone' }];
  return (uses ?? []).flatMap(({ at = '.' }, index) =>
    cleanPath(at) === null
      ? [{ path: `/body/recipe_sources/${index}/at`, message: 'must be a relative path inside the repository' }]
      : [],
  );
}

/** A path as it stands inside the repository (`.` for its root), or null when it would leave it. */
export function cleanPath(path: string): string | null {
  if (path.includes('\0') || path.includes('\\') || path.startsWith('/')) return null;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' || part === '.git') return null;
    parts.push(part);
  }
  return parts.join('/') || '.';
}

function subprojectFaults({ subprojects = [] }: ProjectInput): Fault[] {
  const seen = new Set<string>();
  return subprojects.flatMap(({ path, ...rest }, index): Fault[] => {
    const at = `/body/subprojects/${index}`;
    const clean = cleanPath(path);
    if (clean === null)
      return [{ path: `${at}/path`, message: 'must be a relative path inside the repository, with forward slashes' }];
    if (seen.has(clean)) return [{ path: `${at}/path`, message: `"${clean}" stands twice; one subproject a folder` }];
    seen.add(clean);
    const commands = [rest.install, ...recipeNames.map((recipe) => rest[recipe])].filter((one) => one !== undefined);
    const broken = [...commands, ...Object.values(rest.env ?? {})];
    if (broken.some((text) => text.includes('\0')))
      return [{ path: at, message: 'a command or a variable of the environment cannot hold a NUL character' }];
    const globs = [...globFaults(`${at}/reports`, rest.reports), ...globFaults(`${at}/coverage`, rest.coverage)];
    if (globs.length > 0) return globs;
    const none = recipeNames.every((recipe) => rest[recipe] === undefined);
    return none ? [{ path: at, message: `needs at least one command: ${recipeNames.join(', ')}` }] : [];
  });
}

function globFaults(at: string, patterns: readonly string[] = []): Fault[] {
  return patterns.flatMap((pattern, place): Fault[] => {
    const path = `${at}/${place}`;
    if (cleanPath(pattern) === null) return [{ path, message: 'must be a glob below the subproject' }];
    const glob = readGlob(pattern);
    return typeof glob === 'string' ? [{ path, message: glob }] : [];
  });
}

/** The rules of git-check-ref-format for a branch. */
export function isBranchName(name: string): boolean {
  if (/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^[-/.]|[/.]$|\.lock(\/|$)|\/\./.test(name)) return false;
  return name !== '' && name !== '@';
}

function branchFaults({ default_branch }: ProjectInput): Fault[] {
  if (default_branch === undefined || isBranchName(default_branch)) return [];
  return [{ path: '/body/default_branch', message: 'is not a name that git takes for a branch' }];
}

/** A label that stands for an agent which nothing may start would be silent. */
function labelFaults({ orchestrate }: ProjectInput): Fault[] {
  const agents = orchestrate?.agents ?? [];
  return (orchestrate?.labels ?? []).flatMap(({ agent }, index) =>
    agents.includes(agent)
      ? []
      : [{ path: `/body/orchestrate/labels/${index}/agent`, message: `"${agent}" is none of orchestrate.agents` }],
  );
}

function emailFaults(input: ProjectInput): Fault[] {
  const wrong = emailsOf(input).findIndex((email) => !/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(email));
  return wrong < 0
    ? []
    : [{ path: `/body/notify/email/${wrong}`, message: 'expected a mail address such as team@example.org' }];
}
