import { compileOwners, ownerFiles, ownersOf, readCodeOwners } from '../../../findings/rules/code-owners.ts';

/** Where forges look for CODEOWNERS, the first one counts. */
export const codeOwnersPaths: readonly string[] = [...ownerFiles, '.gitlab/CODEOWNERS'];

const mostOwners = 10;
const login = /^@([A-Za-z0-9][\w.-]*(?:\/[\w.-]+)*)$/;

/** Who is asked about the files at these paths: users, or `organisation/team`; addresses of mail are left out. */
export function codeOwnersOf(text: string, paths: readonly string[]): string[] {
  const rules = compileOwners(readCodeOwners(text));
  const owners = paths.flatMap((path) => ownersOf(path, rules)?.owners ?? []);
  return [...new Set(owners.flatMap((owner) => login.exec(owner)?.[1] ?? []))].slice(0, mostOwners);
}
