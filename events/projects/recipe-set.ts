import { type Static, Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Commit, closed, Name, nullable, oneOf, Recipe, Sha256, text } from '../fields.ts';

/** `<team>/<name>`, or `farm/<name>` for a source that every project may name. */
const recipeSourceId = '^[a-z0-9][a-z0-9._-]{0,63}/[a-z0-9][a-z0-9._-]{0,63}$';
const RecipeSourceId = Type.String({ pattern: recipeSourceId });

/** The owner in the id of a source that is no team's. */
export const farmSources = 'farm';

/** Which projects get a new version of a recipe set first. */
export const recipeTiers = ['canary', 'production'] as const;

const Source = { source: RecipeSourceId, owner: nullable(Name) };
const Faults = Type.Array(closed({ path: text(512), message: text(1024, 1) }), { minItems: 1, maxItems: 20 });

/** A repository whose recipes projects may name is this from now on. Entity id: the source's. */
export const RecipeSourceSet = defineEvent(
  'RecipeSourceSet',
  'recipes',
  closed({
    ...Source,
    name: Name,
    git_url: text(2048, 1),
    credential_ref: nullable(text(64)),
    /** A branch, a tag, or a whole commit. */
    ref: text(255, 1),
    /** The folder of the repository in which its documents stand; `.` for the root. */
    folder: text(512, 1),
    /** Minutes after which the ref is looked at again. */
    poll: Type.Integer({ minimum: 1, maximum: 1440 }),
    by: Name,
  }),
);

/** Nobody may name it any more; no project did. */
export const RecipeSourceRemoved = defineEvent('RecipeSourceRemoved', 'recipes', closed({ ...Source, by: Name }));

/** What a look at the repository found, where that is another thing than before. */
export const RecipeSourceSeen = defineEvent(
  'RecipeSourceSeen',
  'recipes',
  closed({
    ...Source,
    ref: text(255, 1),
    /** The commit of the ref; null while it cannot be had. */
    sha: nullable(Commit),
    /** Why it cannot be had. */
    trouble: nullable(closed({ code: text(64, 1), detail: text(1024, 1) })),
  }),
);

/** The documents of a commit are read, whole and without a fault. */
export const RecipeSetFetched = defineEvent(
  'RecipeSetFetched',
  'recipes',
  closed({
    ...Source,
    sha: Commit,
    /** SHA-256 over the names and hashes of the documents. */
    digest: Sha256,
    documents: Type.Array(closed({ name: Name, sha256: Sha256 }), { minItems: 1, maxItems: 64 }),
  }),
);

/** The documents of a commit cannot be taken: no project gets them. */
export const RecipeSetRefused = defineEvent(
  'RecipeSetRefused',
  'recipes',
  closed({ ...Source, sha: Commit, faults: Faults }),
);

/**
 * `first`: both tiers get the first version; `canary`: the canaries alone; `production`: the rest; `held`: nothing new goes out;
 * `released`: that is over; `rolled_back`: both tiers get an earlier version.
 */
export const rolloutSteps = ['first', 'canary', 'production', 'held', 'released', 'rolled_back'] as const;
export type RolloutStep = (typeof rolloutSteps)[number];

/** How a recipe ran on a canary, before and with the new version. Null: it did not. */
export const CanaryRun = closed({
  project: Name,
  subproject: text(512, 1),
  recipe: Recipe,
  before: nullable(closed({ job_id: text(26, 1), ended: text(32, 1) })),
  after: nullable(closed({ job_id: text(26, 1), ended: text(32, 1) })),
});
export type CanaryRun = Static<typeof CanaryRun>;

/** What becomes of a version. */
export const RecipeRolloutDecided = defineEvent(
  'RecipeRolloutDecided',
  'recipes',
  closed({
    ...Source,
    step: oneOf(rolloutSteps),
    /** The version of which is spoken; null where all later ones are held or released. */
    sha: nullable(Commit),
    /** What production had before. */
    from: nullable(Commit),
    /** A bearer, or the farm where it followed from a rule. */
    by: text(64, 1),
    reason: text(1024),
    runs: Type.Array(CanaryRun, { maxItems: 64 }),
  }),
);

/** What the documents of a version say cannot be taken by this project: its recipes stay as they are. */
export const RecipeSetNotTaken = defineEvent(
  'RecipeSetNotTaken',
  'project',
  closed({ name: Name, source: RecipeSourceId, sha: nullable(Commit), faults: Faults }),
);

/** A document of a source, laid into a project. */
export const RecipeUse = closed({
  source: RecipeSourceId,
  /** Its file's name, without `.json`. */
  document: Name,
  /** The folder of the project below which its subprojects lie; the root unless told. */
  at: Type.Optional(text(512, 1)),
});
export type RecipeUse = Static<typeof RecipeUse>;

/** The version of a source that the recipes of a project are of. */
export const RecipePin = closed({ source: RecipeSourceId, sha: Commit, digest: Sha256 });
export type RecipePin = Static<typeof RecipePin>;
