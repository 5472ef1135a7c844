import { Type } from '@sinclair/typebox';
import { closed, nullable } from '../../events/fields.ts';
import { RecipePin } from '../../events/projects/recipe-set.ts';
import { WebhookShown } from '../notifier/rules/webhook-targets.ts';
import { ProjectInput } from '../projects/rules/project-document.ts';

const facts = {
  owner: Type.String(),
  has_credential: Type.Boolean(),
  /** Whether the farm's own token may be used for its repository; null where no forge is set up for that. */
  forge_access: nullable(
    Type.Object({
      forge: Type.String(),
      repository: Type.String(),
      granted: Type.Boolean(),
      by: nullable(Type.String({ description: 'admin, grant, or credential: the forge says that its own may push' })),
      reason: nullable(Type.String({ description: 'why not, and what to do' })),
    }),
  ),
  /** Null where the recipes are those of the document. */
  recipes_from: nullable(
    Type.Object({
      file: nullable(Type.String({ description: 'of its own repository; null where they come from recipe_sources' })),
      commit: nullable(Type.String({ description: 'whose file the subprojects are of; null: none was read yet' })),
      pins: Type.Array(RecipePin, { description: 'the versions of recipe sets that the subprojects are of' }),
      unread: nullable(
        Type.Object(
          { code: Type.String(), detail: Type.String(), since: Type.String() },
          { description: 'why the branch of its recipes cannot be read' },
        ),
      ),
      refused: nullable(
        Type.Object(
          {
            sha: nullable(Type.String()),
            source: nullable(Type.String({ description: 'the recipe source; null: its own repository' })),
            at: Type.String(),
            faults: Type.Array(Type.Object({ path: Type.String(), message: Type.String() })),
          },
          { description: 'a newer commit whose recipes cannot be taken, and why: the subprojects stay as they are' },
        ),
      ),
    }),
  ),
  earlier_names: Type.Optional(
    Type.Array(Type.String(), {
      description: 'what it was called before, oldest first; all of that still leads to it',
    }),
  ),
  created_at: Type.String(),
  updated_at: Type.String(),
};

/** A project as it is sent. */
export const Project = Type.Object(
  {
    ...Type.Omit(ProjectInput, ['notify']).properties,
    ...facts,
    notify: Type.Object({
      email: Type.Array(Type.String()),
      on: Type.Array(Type.String()),
      auto_patch: Type.Boolean(),
      webhooks: Type.Optional(Type.Array(WebhookShown)),
      commit_status: Type.Optional(Type.Boolean()),
      clawdforge: Type.Optional(Type.Boolean()),
    }),
  },
  { title: 'Project' },
);
/** A new document for a project. What a GET showed beside the document may stand in it and changes nothing. */
export const ProjectReplacement = closed(
  { ...Type.Partial(ProjectInput).properties, ...Type.Partial(Type.Object(facts)).properties },
  { title: 'ProjectReplacement' },
);

/** Some fields of a document; what comes of it is held to ProjectReplacement. */
export const ProjectPatch = Type.Object({}, { title: 'ProjectPatch', additionalProperties: true });

/** What a GET showed without what no document that people write says. */
export function documentOf<D extends object>(shown: D): Omit<D, keyof typeof facts> {
  return Object.fromEntries(Object.entries(shown).filter(([key]) => !(key in facts))) as Omit<D, keyof typeof facts>;
}
