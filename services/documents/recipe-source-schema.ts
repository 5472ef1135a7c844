import { Type } from '@sinclair/typebox';
import { Commit, closed, Name, nullable, oneOf, recipeNames, text } from '../../events/fields.ts';
import { CanaryRun, recipeTiers, rolloutSteps } from '../../events/projects/recipe-set.ts';

const Faults = Type.Array(Type.Object({ path: Type.String(), message: Type.String() }));
const described = (description: string) => ({ description });

/** A source as people send it. */
export const RecipeSourceInput = closed(
  {
    name: Name,
    git_url: text(2048, 1),
    ref: Type.Optional({ ...text(255, 1), description: 'a branch, a tag, or a whole commit; main unless told' }),
    folder: Type.Optional({ ...text(512, 1), description: 'in which its *.json stand; recipes unless told' }),
    poll: Type.Optional(Type.Integer({ minimum: 1, maximum: 1440, description: 'minutes; 5 unless told' })),
    farm: Type.Optional(Type.Boolean(described('for the projects of every team (admin)'))),
  },
  { title: 'RecipeSourceInput' },
);

/** A new word on a source; the name stands in the address. */
export const RecipeSourceChange = closed(Type.Omit(RecipeSourceInput, ['name', 'farm']).properties, {
  title: 'RecipeSourceChange',
});

const Version = Type.Object({
  sha: Commit,
  at: Type.String(described('when it was fetched')),
  digest: Type.String(described('over its documents: two commits with the same digest are the same set')),
  documents: Type.Array(Type.String()),
});

const Decision = Type.Object({
  step: oneOf(rolloutSteps),
  sha: nullable(Commit),
  from: nullable(Commit),
  by: Type.String(described('a bearer; `farm` where it followed from the rule')),
  reason: Type.String(),
  at: Type.String(),
  runs: Type.Array(CanaryRun, described('of projects that you may see')),
});

const Hold = Type.Object({
  sha: nullable({ ...Commit, description: 'a version; null: a freeze of the whole source' }),
  by: Type.String(),
  reason: Type.String(),
  at: Type.String(),
});

/** A source as it is shown. `held`: the freeze, or the newest of `holds`. */
export const RecipeSource = Type.Object(
  {
    id: Type.String(described('what a project names: <owner>/<name>')),
    name: Type.String(),
    owner: nullable(Type.String(described('a team; null: the farm'))),
    git_url: Type.String(),
    has_credential: Type.Boolean(),
    ref: Type.String(),
    folder: Type.String(),
    poll: Type.Integer(),
    by: Type.String(),
    set_at: Type.String(),
    seen: nullable(
      Type.Object({
        sha: nullable(Commit),
        since: Type.String(),
        trouble: nullable(Type.Object({ code: Type.String(), detail: Type.String() })),
      }),
    ),
    refused: nullable(Type.Object({ sha: Commit, at: Type.String(), faults: Faults })),
    canary: nullable(Commit),
    production: nullable(Commit),
    drift: oneOf(['none', 'on_its_way', 'waits_for_a_person', 'refused', 'unreadable', 'unknown'] as const),
    waits: nullable(Type.String(described('why the newest version is not everywhere'))),
    held: nullable(Hold),
    holds: Type.Array(Hold, described('each until it is released; the newest first')),
    versions: Type.Array(Version),
    decisions: Type.Array(Decision),
    projects: Type.Array(
      Type.Object({
        project: Type.String(),
        tier: oneOf(recipeTiers),
        sha: nullable(Commit),
        drift: Type.Boolean(described('whether it has another version than its tier is to have')),
        refused: nullable(Type.String(described('the first of the faults'))),
        faults: Faults,
      }),
      described('those that you may see'),
    ),
  },
  { title: 'RecipeSource' },
);

const Found = Type.Object({
  id: Type.Integer(),
  severity: Type.String(),
  code: nullable(Type.String()),
  file: nullable(Type.String()),
  line: nullable(Type.Integer()),
  message: Type.String(),
});

/** What a version would change for a project. */
export const RecipeRehearsal = Type.Object(
  {
    project: Type.String(),
    tier: oneOf(recipeTiers),
    from: nullable(Commit),
    faults: Faults,
    moved: Type.Array(Type.Object({ from: Type.String(), to: Type.String() })),
    recipes: Type.Array(
      Type.Object({
        subproject: Type.String(),
        recipe: oneOf(recipeNames),
        before: nullable(Type.String()),
        after: nullable(Type.String()),
        fields: Type.Array(Type.String(described('what else changes, such as timeout_secs'))),
        findings: Type.Object({
          open: Type.Integer(described('open findings of the recipe now')),
          known_from: nullable(Type.String(described('the job that ran this very command before'))),
          would_open: Type.Array(Found),
          would_close: Type.Array(Found),
          would_merge: Type.Array(Found, described('another recipe reports them, too')),
          in_question: Type.Integer(described('open findings of which no stored run tells')),
        }),
      }),
    ),
  },
  { title: 'RecipeRehearsal' },
);

/** A decision that somebody takes; `sha`: the whole commit of a version, or its first seven digits or more. */
export const RolloutInput = closed({
  sha: Type.Optional(Type.String({ pattern: '^[0-9a-f]{7,64}$' })),
  reason: Type.Optional(text(1000)),
});
