import type { ForgeAccessDoc, GrantDoc } from '../../../projections/people/grants.ts';
import type { ForgeChoice } from '../../floor/forges/choose-forge.ts';
import { coversRepository } from '../../floor/forges/repository-pattern.ts';

/** Why the farm's own credential may be used for a project, or what has to be done before it may. */
export type ForgeGrant =
  | { readonly granted: true; readonly by: 'admin' | 'grant' | 'credential' | 'own' }
  | { readonly granted: false; readonly reason: string };

export type GrantFacts = {
  readonly project: { readonly name: string; readonly owner: string; readonly credential_ref: string | null };
  readonly choice: Exclude<ForgeChoice, { kind: 'none' }>;
  /** The project belongs to an admin, who could grant it to himself. */
  readonly ownedByAdmin: boolean;
  readonly grants: readonly GrantDoc[];
  readonly access: ForgeAccessDoc | undefined;
  readonly nowMs: number;
};

/** How long a forge's word that a credential may push is believed, in ms: rights are taken away as well. */
const believedMs = 86_400_000;

/** Whether the token that the farm itself holds may be used for the repository of a project. */
export function forgeGrant(facts: GrantFacts): ForgeGrant {
  const { project, choice, grants, ownedByAdmin } = facts;
  if (ownedByAdmin) return { granted: true, by: 'admin' };
  if (grants.some(({ repositories }) => coversRepository(repositories, choice.repository)))
    return { granted: true, by: 'grant' };
  const access = accessOf(facts);
  if (access?.can_push) return { granted: true, by: 'credential' };
  const refused = access === undefined ? '' : ` Its own credential was shown to the forge: ${access.detail ?? 'no'}.`;
  return {
    granted: false,
    reason: `The farm's token may not be used for ${choice.repository}: an admin grants it (crafting-table grants add ${JSON.stringify(choice.repository)} --to ${project.owner}), or git_url brings a credential that may push there.${refused}`,
  };
}

/** The forge's last word on the credential that the project has now; undefined when it has to be asked. */
export function accessOf({ project, choice, access, nowMs }: Omit<GrantFacts, 'grants' | 'ownedByAdmin'>) {
  if (!access || access.owner !== project.owner || access.credential_ref !== project.credential_ref) return undefined;
  if (access.forge !== choice.kind || access.repository.toLowerCase() !== choice.repository.toLowerCase())
    return undefined;
  return Date.parse(access.checked_at) + believedMs > nowMs ? access : undefined;
}
