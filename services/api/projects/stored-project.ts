import { type ProjectDocument, recipesFile } from '../../../events/projects/project.ts';
import { nameOf, type ProjectDoc } from '../../../projections/projects/projects.ts';
import { providerHost, unmeteredWords } from '../../egress/providers/provider-list.ts';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { refuseOwnFolder } from '../../io/git/mirrors/own-folder.ts';
import { parseRemoteUrl } from '../../io/git/mirrors/remote-url.ts';
import { grantOf } from '../../projects/forge-access.ts';
import { emailsOf, type ProjectInput, projectDocument } from '../../projects/rules/project-document.ts';
import { withRepositoryRecipes } from '../../projects/rules/stored-document.ts';
import { maySource } from '../../recipe-sets/wanted-recipes.ts';
import type { ApiDeps } from '../define.ts';
import { planWebhooks, shownWebhooks } from './kept-webhooks.ts';

/** Takes credentials and mail addresses out of the document into the vault. A PUT of what a GET showed keeps the credential. */
export async function keepProject(
  input: ProjectInput & { git_url: string },
  owner: string,
  before: ProjectDoc | null,
  deps: ApiDeps,
) {
  const { config, vault } = deps;
  const { url, credential } = parseRemoteUrl(input.git_url, { allowLocal: config.allowLocalRepos });
  refuseOwnFolder(url, [config.dataDir, config.workspaceDir, config.cacheDir]);
  // First the checks, then the secrets: a refused document leaves nothing behind.
  const refs = { credential_ref: null, email_ref: null, assignees_ref: null };
  const draft = withRepositoryRecipes(projectDocument(input, { owner, gitUrl: url, refs }), {
    before,
    isSaid: input.subprojects !== undefined,
  });
  refuseSources(draft, deps);
  refuseUnmetered(input, deps);
  const putWebhooks = await planWebhooks(input.notify?.webhooks ?? [], before, deps);
  const emails = emailsOf(input);
  const assignees = input.patch?.assignees ?? [];
  const kept = before?.git_url === url ? before.credential_ref : null;
  return {
    ...draft,
    credential_ref: credential ? await vault.put(JSON.stringify(credential)) : kept,
    notify: {
      ...draft.notify,
      email_ref: emails.length > 0 ? await vault.put(JSON.stringify(emails)) : null,
      ...(input.notify?.webhooks ? { webhooks: await putWebhooks() } : {}),
    },
    ...(draft.patch
      ? {
          patch: {
            ...draft.patch,
            assignees_ref: assignees.length > 0 ? await vault.put(JSON.stringify(assignees)) : null,
          },
        }
      : {}),
  };
}

/** A document may name sources of its team and of the farm; what is another team's is not there. */
function refuseSources({ recipe_sources: uses = [], owner }: ProjectDocument, { models }: ApiDeps): void {
  const faults = uses.flatMap(({ source: id }, index) => {
    const source = models.query().recipeSources.find(id);
    if (source && maySource(source, owner)) return [];
    return [{ path: `/body/recipe_sources/${index}/source`, message: `there is no recipe source ${id}` }];
  });
  const [first] = faults;
  if (first) throw new AppError('invalid', `${first.path}: ${first.message}`, { faults });
}

/** A host of a provider of models is reached through the gateway, where it is metered, and never past it. */
function refuseUnmetered({ agents = {} }: ProjectInput, { config }: ApiDeps): void {
  const faults = Object.entries(agents).flatMap(([name, { hosts = [] }]) => {
    const listed = providerHost(config.egress.providers, hosts);
    if (listed === undefined) return [];
    return [{ path: `/body/agents/${name}/hosts/${hosts.indexOf(listed)}`, message: unmeteredWords(listed) }];
  });
  const [first] = faults;
  if (first) throw new AppError('invalid', `${first.path}: ${first.message}`, { faults });
}

type Referring = Pick<ProjectDoc, 'credential_ref' | 'notify' | 'patch'>;

const webhookRefs = ({ notify }: Pick<Referring, 'notify'>) =>
  (notify.webhooks ?? []).map(({ target_ref }) => target_ref);

const referencesOf = ({ credential_ref, notify, patch }: Referring) =>
  [credential_ref, notify.email_ref, patch?.assignees_ref ?? null, ...webhookRefs({ notify })].filter(
    (ref) => ref !== null,
  );

export async function eraseUnused(
  before: Referring,
  after: Referring | null,
  { vault, logger }: ApiDeps,
): Promise<void> {
  const used = after ? referencesOf(after) : [];
  for (const ref of referencesOf(before)) {
    if (used.includes(ref)) continue;
    await vault
      .erase(ref)
      .catch((error) => logger.warn({ error: String(error) }, 'an unused secret could not be erased'));
  }
}

/**
 * What a document brought into the vault is of no use when its event was refused. While nobody knows whether the log took the
 * event, it stays: a later answer of the log may show that it is needed.
 */
export async function eraseRefused(
  data: Referring,
  before: Referring | null,
  error: unknown,
  deps: ApiDeps,
): Promise<void> {
  if (isAppError(error) && error.code !== 'unavailable') await eraseUnused(data, before, deps);
}

/**
 * The project with its mail addresses and without its references into the vault. `before`: what it was until this request (null:
 * nothing); secrets that were made since then are shown this once.
 */
export async function shownProject(
  project: ProjectDoc,
  { vault, config, models, clock }: Pick<ApiDeps, 'vault' | 'config' | 'models' | 'clock'>,
  before?: ProjectDoc | null,
) {
  const {
    recipes_commit: _commit,
    recipe_pins: _pins,
    recipes_refused: _refused,
    recipes_unread: _unread,
    seq: _seq,
    called: _called,
    ...kept
  } = project;
  const { credential_ref, notify, patch, ...rest } = kept;
  const listOf = async (ref: string | null) => (ref ? vault.get(ref).then(JSON.parse, () => []) : []);
  const email = await listOf(notify.email_ref);
  const { assignees_ref = null, ...settings } = patch ?? {};
  const webhooks = async () => {
    if (!notify.webhooks) return {};
    const earlier = new Set(before === undefined || before === null ? [] : webhookRefs(before));
    const fresh = new Set(before === undefined ? [] : webhookRefs(project).filter((ref) => !earlier.has(ref)));
    return { webhooks: await shownWebhooks(notify.webhooks, fresh, { vault }) };
  };
  return {
    ...rest,
    name: nameOf(project),
    ...(patch ? { patch: { ...settings, assignees: await listOf(assignees_ref) } } : {}),
    has_credential: credential_ref !== null,
    recipes_from: originOf(project),
    forge_access: accessShown(grantOf(project, { config, query: models.query, clock })),
    notify: { ...settingsOf(notify), email, ...(await webhooks()) },
  };
}

/** Where the recipes come from, when not from the document. */
function originOf(project: ProjectDoc) {
  const { recipes = 'document', recipes_commit, recipe_pins, recipes_refused, recipes_unread } = project;
  if (recipes === 'document') return null;
  return {
    file: recipes === 'repository' ? recipesFile : null,
    commit: recipes_commit ?? null,
    pins: recipe_pins ?? [],
    unread: recipes_unread ?? null,
    refused: recipes_refused ? { source: null, ...recipes_refused } : null,
  };
}

function accessShown(grant: ReturnType<typeof grantOf>) {
  if (!grant || grant.choice.kind === 'none') return null;
  const { kind: forge, repository } = grant.choice;
  return {
    forge,
    repository,
    granted: grant.granted,
    by: grant.granted ? grant.by : null,
    reason: grant.granted ? null : grant.reason,
  };
}

/** What is shown of `notify` as it is kept. */
function settingsOf({ on, auto_patch, commit_status, clawdforge }: ProjectDoc['notify']) {
  return {
    on,
    auto_patch,
    ...(commit_status === undefined ? {} : { commit_status }),
    ...(clawdforge === undefined ? {} : { clawdforge }),
  };
}
