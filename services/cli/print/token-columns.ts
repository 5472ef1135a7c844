import type { Column } from './fit-table.ts';

/** A bearer as the API lists it. */
export type ShownToken = {
  readonly name: string;
  readonly is_admin: boolean;
  readonly ip_cidrs: readonly string[];
  readonly team: string;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly projects: readonly string[] | null;
  readonly created_at: string;
  readonly rotated_at: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly last_used_at: string | null;
};

const time = (text: string | null) => text?.slice(0, 16).replace('T', ' ');

export const tokenColumns: readonly Column<ShownToken>[] = [
  { head: 'name', of: ({ name }) => name },
  { head: 'team', of: ({ team, is_admin }) => (is_admin ? 'admin' : team) },
  { head: 'role', of: ({ role, is_admin }) => (is_admin ? '' : role) },
  { head: 'scopes', of: ({ scopes }) => scopes.join(',') },
  { head: 'projects', of: ({ projects }) => projects?.join(', '), shrinksTo: 12 },
  { head: 'last used', of: ({ last_used_at }) => time(last_used_at) },
  { head: 'ends', of: ({ expires_at }) => time(expires_at) },
  { head: 'revoked', of: ({ revoked_at }) => time(revoked_at), style: () => 'red' },
  { head: 'only from', of: ({ ip_cidrs }) => ip_cidrs.join(', '), shrinksTo: 18 },
];
