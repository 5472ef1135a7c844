import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Count, closed, Name, nullable, oneOf, text } from '../fields.ts';

/** Whose a secret is, the nearest first: the same name of a nearer one wins. */
export const secretLayers = ['project', 'team', 'farm'] as const;
export type SecretLayer = (typeof secretLayers)[number];

/** A secret is a variable of the environment for the recipes that name it. */
export const SecretName = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' });

/** `of`: the project or the team; of the farm there is one. */
const Place = { layer: oneOf(secretLayers), of: nullable(Name), name: SecretName, by: Name };

/** Branches as git names them; `*` stands for any characters. */
export const BranchPattern = Type.String({ pattern: '^[^\\x00-\\x20\\x7f~^:?\\[\\\\]{1,255}$' });

/** A secret has a value, or another one from now on: the value itself lies sealed in the vault. */
export const SecretSet = defineEvent(
  'SecretSet',
  'secret',
  closed({
    ...Place,
    value_ref: text(64, 1),
    /** Where it is let into jobs; null: on the default branch alone. */
    branches: nullable(Type.Array(BranchPattern, { minItems: 1, maxItems: 32, uniqueItems: true })),
    /** Of a secret of the farm, the teams that may have it; null: all. */
    teams: nullable(Type.Array(Name, { minItems: 1, maxItems: 256, uniqueItems: true })),
  }),
);

/** It has none any more. */
export const SecretRemoved = defineEvent('SecretRemoved', 'secret', closed(Place));

/** Everything that is sealed is sealed with another key from now on. */
export const SecretKeyRotated = defineEvent('SecretKeyRotated', 'secret', closed({ resealed: Count }));

/** The id of a secret in the log: its layer, whose it is, and its name. */
export function secretId({ layer, of, name }: { layer: SecretLayer; of: string | null; name: string }): string {
  return [layer, of ?? '', name].join('/');
}
