import { type Static, Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Commit, closed, Environment, Name, nullable, oneOf, Recipe, text } from '../fields.ts';
import { AgentManifest } from '../jobs/agent-manifest.ts';
import { SecretName } from '../people/secret.ts';
import { RecipePin, RecipeUse, recipeTiers } from './recipe-set.ts';

const Command = text(8192, 1);

/** Levels that a project may ask for at least: `required` is all that there is, `off` asks for nothing. */
const sandboxDemands = ['required', 'bwrap', 'reduced', 'off'] as const;
export type SandboxDemand = (typeof sandboxDemands)[number];

/** What a job may reach: everything, nothing, or these hosts (`host`, `host:port`, `*.host`) through a proxy. */
export const Network = Type.Union([
  oneOf(['on', 'off']),
  closed({ allow: Type.Array(text(255, 1), { minItems: 1, maxItems: 64 }) }),
]);
export type Network = Static<typeof Network>;

const VariableNames = Type.Array(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' }), {
  maxItems: 32,
  uniqueItems: true,
});
const SecretNames = Type.Array(SecretName, { maxItems: 32, uniqueItems: true });

const most = 1_000_000_000;
const Amount = Type.Optional(Type.Integer({ minimum: 1, maximum: most }));

/** What one job may use up; a MB is 1,048,576 bytes. `file_mb`: one file; `disk_mb`: its whole work tree. */
export const JobLimits = closed({
  cpu_secs: Amount,
  memory_mb: Amount,
  processes: Amount,
  file_mb: Amount,
  disk_mb: Amount,
  log_mb: Amount,
});
export type JobLimits = Static<typeof JobLimits>;

/** What makes a run of a recipe fail that ended by itself: grave findings, new ones, or none at all. */
const failOnWords = ['error', 'new', 'never'] as const;
export type FailOn = (typeof failOnWords)[number];

/** One folder of the repository with the commands that are run in it. */
export const Subproject = closed({
  path: text(512, 1),
  /** The path that it had before, where that cannot be seen from its commands: its findings, figures and history stay its own. */
  renamed_from: Type.Optional(text(512, 1)),
  language: Type.String({ pattern: '^[a-z0-9][a-z0-9+#._-]{0,31}$' }),
  build: Type.Optional(Command),
  test: Type.Optional(Command),
  lint: Type.Optional(Command),
  audit: Type.Optional(Command),
  /** Brings its dependencies, before each recipe that needs them; what it makes is kept for the next job. */
  install: Type.Optional(Command),
  /** The recipes that need it; all of them unless told. */
  install_for: Type.Optional(Type.Array(Recipe, { minItems: 1, maxItems: 4, uniqueItems: true })),
  timeout_secs: Type.Integer({ minimum: 1, maximum: 86_400 }),
  env: Type.Optional(Environment),
  /** False: it is only listed, and runs when it is asked for by its path. */
  enabled: Type.Optional(Type.Boolean()),
  /** The files of the repository in which detection found its commands. */
  found_in: Type.Optional(
    closed({
      build: Type.Optional(text(300, 1)),
      test: Type.Optional(text(300, 1)),
      lint: Type.Optional(text(300, 1)),
      audit: Type.Optional(text(300, 1)),
    }),
  ),
  /** Result files that a recipe leaves, as globs below the subproject, such as `TEST-*.xml` in any folder. */
  reports: Type.Optional(Type.Array(text(256, 1), { maxItems: 16 })),
  /** Coverage reports that a recipe leaves, as globs below the subproject; those among `reports` are found by what they hold. */
  coverage: Type.Optional(Type.Array(text(256, 1), { maxItems: 16 })),
  /** Of 100: a run of its tests that covers less fails. */
  min_coverage: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
  /** The same of the lines that differ from the commit that was measured before, or from the default branch. */
  min_changed_coverage: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
  /** Absent: the exit code decides, and a linter that shows only what is known passes. */
  fail_on: Type.Optional(oneOf(failOnWords)),
  /** Labels that a runner must have to run its recipes, such as `go` or `jdk17`. */
  needs: Type.Optional(
    Type.Array(Type.String({ pattern: '^[a-z0-9][a-z0-9._+-]{0,63}$' }), { maxItems: 16, uniqueItems: true }),
  ),
  network: Type.Optional(Network),
  limits: Type.Optional(JobLimits),
  /** Variables of the service that its recipes get, of those that the operator lets out (CRAFTING_JOB_ENV). */
  env_from: Type.Optional(VariableNames),
  /** Secrets of the project, its team or the farm that its recipes get as variables: all of them, or each its own. */
  secrets: Type.Optional(
    Type.Union([
      SecretNames,
      closed({
        build: Type.Optional(SecretNames),
        test: Type.Optional(SecretNames),
        lint: Type.Optional(SecretNames),
        audit: Type.Optional(SecretNames),
      }),
    ]),
  ),
});

const Times = text(128, 1);

/** Cron expressions or `HH:MM` per recipe. */
export const Schedule = closed({
  build: Type.Optional(Times),
  test: Type.Optional(Times),
  lint: Type.Optional(Times),
  audit: Type.Optional(Times),
  timezone: Type.Optional(text(64, 1)),
  /** After downtime the last missed slot runs once, or none does; `last` unless told. */
  catch_up: Type.Optional(oneOf(['last', 'none'])),
  /** Seconds over which the start is spread, so that a fleet does not start at once; 60 unless told. */
  jitter_secs: Type.Optional(Type.Integer({ minimum: 0, maximum: 3600 })),
  /** Minutes after which the head of the default branch is compared with the last one seen. */
  poll: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440 })),
  /** What is run for a new head, by a poll or a forge's webhook. */
  on_push: Type.Optional(Type.Array(Recipe, { maxItems: 4, uniqueItems: true })),
  /** Recipes whose times are not used for now. */
  disabled: Type.Optional(Type.Array(Recipe, { maxItems: 4, uniqueItems: true })),
});

/** The words of `notify.on`. */
export const notifyWords = [
  'audit_pass',
  'audit_fail',
  'test_fail',
  'lint_warn',
  'cve_found',
  'patch_drafted',
  'nightly_summary',
] as const;

/** How many jobs of a project, and of the named group it belongs to, may run at once. */
export const Concurrency = closed({
  max_running: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024 })),
  group: Type.Optional(Name),
  group_max_running: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024 })),
});

/** How drafts come about, cheapest first; `given`: somebody brings the diff. */
export const patchMethods = ['tool_edit', 'bump', 'agent', 'bottle', 'given'] as const;
export type PatchMethod = (typeof patchMethods)[number];

const reviewerName = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(/[A-Za-z0-9][A-Za-z0-9._/-]{0,127})?$';

/** What the patch loop may do for a project. Without it: findings of kind lint and cve, every method, one by one. */
export const PatchSettings = closed({
  kinds: Type.Optional(Type.Array(oneOf(['lint', 'cve', 'test_fail']), { minItems: 1, maxItems: 3 })),
  methods: Type.Optional(Type.Array(oneOf(patchMethods), { minItems: 1, maxItems: 5 })),
  /** The manifest whose agent works on findings in a bottle, for the method `bottle`. */
  agent: Type.Optional(Name),
  /** One proposal for all findings of the same rule and method in a subproject. */
  group: Type.Optional(Type.Boolean()),
  /** `fast`: first the tool alone on the touched files, where its command allows that. */
  verify: Type.Optional(oneOf(['full', 'fast'])),
  labels: Type.Optional(Type.Array(text(50, 1), { maxItems: 16 })),
  /** A person has to approve what is proven before it is pushed; without an answer it ends after so many hours, 72 unless told. */
  approval: Type.Optional(closed({ hours: Type.Optional(Type.Integer({ minimum: 1, maximum: 2160 })) })),
  /** Whether the forge is asked with the credential in `git_url`, and not with the farm's token. */
  own_token: Type.Optional(Type.Boolean()),
  /** Whether pull requests are opened as drafts, which nobody merges by accident. */
  draft: Type.Optional(Type.Boolean()),
  /** Who is asked to review them: login names on the forge, or `organisation/team`. */
  reviewers: Type.Optional(Type.Array(Type.String({ pattern: reviewerName }), { maxItems: 10 })),
  /** Whether those are asked, too, whom the CODEOWNERS of the base commit names for the changed files. */
  code_owners: Type.Optional(Type.Boolean()),
});

const login = '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$';
const organisation = '^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$';

const workTriggerWords = ['label', 'comment'] as const;

/** Which agents issues of the forge may start, how, and by whom. Without it nothing on a forge starts anything. */
export const OrchestrateSettings = closed({
  /** The manifests that a label `crafting-table:<agent>` or a command may name; the first is that of a command without a name. */
  agents: Type.Array(Name, { minItems: 1, maxItems: 32, uniqueItems: true }),
  /** Both unless told. */
  triggers: Type.Optional(Type.Array(oneOf(workTriggerWords), { minItems: 1, maxItems: 2, uniqueItems: true })),
  /** The organisation, or group of GitLab, of which somebody has to be a member; CRAFTING_FORGE_ORG unless told. */
  org: Type.Optional(Type.String({ pattern: organisation })),
  /** Of its members, only these: login names on the forge. */
  people: Type.Optional(Type.Array(Type.String({ pattern: login }), { minItems: 1, maxItems: 64 })),
  /** Labels of the project's own, and the agents for which they stand. */
  labels: Type.Optional(Type.Array(closed({ label: text(50, 1), agent: Name }), { maxItems: 32 })),
});
export type OrchestrateSettings = Static<typeof OrchestrateSettings>;

export const webhookFormats = ['standard', 'slack', 'mattermost', 'discord', 'gitea'] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

/** Where a project's events are told; the address may hold a secret and the secret is one: both lie in the vault. */
export const Webhook = closed({
  id: Name,
  /** A JSON object `{url, secret}`. */
  target_ref: text(64, 1),
  /** The host, for people to recognise it. */
  host: text(255, 1),
  on: Type.Array(text(64, 1), { minItems: 1, maxItems: 64 }),
  format: oneOf(webhookFormats),
});
export type Webhook = Static<typeof Webhook>;

/** How the jobs of a project are shut in; what a subproject says wins. */
export const confinementFields = {
  sandbox: Type.Optional(oneOf(sandboxDemands)),
  network: Type.Optional(Network),
  limits: Type.Optional(JobLimits),
  /** Whether the folders of submodules are filled, with the same credential inside the same origin. */
  submodules: Type.Optional(Type.Boolean()),
  /** Whether the content of Git LFS files stands in trees in place of their pointers. */
  lfs: Type.Optional(Type.Boolean()),
};

const Days = Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 }));

/** Within how many days a finding of a severity is to be closed; none for what is not named. */
export const Deadlines = closed({
  critical: Days,
  high: Days,
  error: Days,
  medium: Days,
  warn: Days,
  low: Days,
  info: Days,
});

/** Manifests of agents by their names. */
export const Agents = Type.Record(Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' }), AgentManifest, {
  additionalProperties: false,
  maxProperties: 32,
});
export type Agents = Static<typeof Agents>;

/** The file of a repository in which its recipes stand. */
export const recipesFile = '.crafting-table.json';

const recipeOrigins = ['document', 'repository', 'sources'] as const;

/** Where the subprojects of a project come from. */
export const originFields = {
  /**
   * `repository`: from `.crafting-table.json` of the default branch; `sources`: from `recipe_sources`. Until those were read,
   * from this document.
   */
  recipes: Type.Optional(oneOf(recipeOrigins)),
  /** Documents of recipe sets that other repositories hold. */
  recipe_sources: Type.Optional(Type.Array(RecipeUse, { minItems: 1, maxItems: 32 })),
  /** A project of the tier `canary` gets a new version of a recipe set first; `production` unless told. */
  tier: Type.Optional(oneOf(recipeTiers)),
  /** What recipes from outside the document may ask for; nothing unless told. */
  recipes_may: Type.Optional(closed({ secrets: Type.Optional(SecretNames), env_from: Type.Optional(VariableNames) })),
};

/** What is kept of a project. Credentials and mail addresses are references into the vault, never here. */
export const ProjectDocument = closed({
  name: Name,
  owner: Name,
  git_url: text(2048, 1),
  credential_ref: nullable(text(64)),
  default_branch: text(255, 1),
  languages: Type.Array(text(32, 1), { maxItems: 64 }),
  subprojects: Type.Array(Subproject, { maxItems: 256 }),
  schedule: Schedule,
  notify: closed({
    email_ref: nullable(text(64)),
    email_count: Type.Integer({ minimum: 0 }),
    on: Type.Array(oneOf(notifyWords), { maxItems: notifyWords.length }),
    auto_patch: Type.Boolean(),
    webhooks: Type.Optional(Type.Array(Webhook, { maxItems: 16 })),
    /** Whether each job shows on its commit, on the forge. */
    commit_status: Type.Optional(Type.Boolean()),
    /** Whether new findings are handed to clawdforge as a file, for agents to look at. */
    clawdforge: Type.Optional(Type.Boolean()),
  }),
  patch: Type.Optional(closed({ ...PatchSettings.properties, assignees_ref: nullable(text(64)) })),
  orchestrate: Type.Optional(OrchestrateSettings),
  concurrency: Concurrency,
  supersede: Type.Boolean(),
  retry_lost: Type.Boolean(),
  enabled: Type.Boolean(),
  /** Agents that may work on it, by name. */
  agents: Type.Optional(Agents),
  deadlines: Type.Optional(Deadlines),
  ...originFields,
  /** The commit whose file the subprojects are of; absent when they are of the document. */
  recipes_commit: Type.Optional(Commit),
  /** The versions of recipe sets that the subprojects are of; absent when they are of the document or the repository. */
  recipe_pins: Type.Optional(Type.Array(RecipePin, { maxItems: 32 })),
  ...confinementFields,
});

export type ProjectDocument = Static<typeof ProjectDocument>;
export type Subproject = Static<typeof Subproject>;

/** A project and its recipes. */
export const ProjectRegistered = defineEvent('ProjectRegistered', 'project', ProjectDocument);

/** The whole new document. */
export const ProjectUpdated = defineEvent(
  'ProjectUpdated',
  'project',
  closed({
    ...ProjectDocument.properties,
    /** Subprojects that have another path now: their findings go with them. */
    moved: Type.Optional(Type.Array(closed({ from: text(512, 1), to: text(512, 1) }), { maxItems: 256 })),
    /** Commands that are another recipe now, under the paths of now: their findings go with them. */
    moved_recipes: Type.Optional(
      Type.Array(closed({ subproject: text(512, 1), from: Recipe, to: Recipe }), { maxItems: 256 }),
    ),
    /** Recipes that the project has no more, under the paths of now. */
    left: Type.Optional(Type.Array(closed({ subproject: text(512, 1), recipe: Recipe }), { maxItems: 256 })),
  }),
);

/** What the file of the default branch says cannot be taken: the recipes stay those that were read last. */
export const RepositoryRecipesRefused = defineEvent(
  'RepositoryRecipesRefused',
  'project',
  closed({
    name: Name,
    branch: text(255, 1),
    sha: Commit,
    /** `path` is a JSON pointer into the file, empty for all of it. */
    faults: Type.Array(closed({ path: text(512), message: text(1024, 1) }), { minItems: 1, maxItems: 20 }),
  }),
);

/** The default branch, from which the recipes come, cannot be read; null: it can be again. */
export const RepositoryRecipesUnread = defineEvent(
  'RepositoryRecipesUnread',
  'project',
  closed({
    name: Name,
    branch: text(255, 1),
    trouble: nullable(closed({ code: text(64, 1), detail: text(1024, 1) })),
  }),
);

/** The project with what belongs to it: jobs, logs and findings are no longer shown. */
export const ProjectRemoved = defineEvent(
  'ProjectRemoved',
  'project',
  /** Whose it was when that was decided; null for what was removed before that was kept. */
  closed({ name: Name, owner: nullable(Name) }),
  [(data) => ({ ...data, owner: null })],
);

/** Its team wants another one to have it; nothing is changed until that one takes it. */
export const ProjectOffered = defineEvent(
  'ProjectOffered',
  'project',
  closed({ name: Name, owner: Name, to: Name, by: Name }),
);

/** The offer does not stand any more. */
export const ProjectOfferWithdrawn = defineEvent(
  'ProjectOfferWithdrawn',
  'project',
  closed({ name: Name, owner: Name, by: Name }),
);

/** The project with all that belongs to it is another team's. */
export const ProjectHandedOver = defineEvent(
  'ProjectHandedOver',
  'project',
  /** `offered`: the other team took it; false when an admin handed it over. */
  closed({ name: Name, from: Name, to: Name, offered: Type.Boolean(), by: Name }),
);

/**
 * Another name for people. `name` stays what the log, its subjects and every other event know the project by, so that all that is of
 * it stays with it, what runs included; `from` and `to` are what it was called and is called. Earlier names stay its own.
 */
export const ProjectRenamed = defineEvent(
  'ProjectRenamed',
  'project',
  closed({ name: Name, owner: Name, from: Name, to: Name, by: Name }),
);
