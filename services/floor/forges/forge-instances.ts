import type { ForgeKind } from '../../../events/patches/patch.ts';

/** With what a forge is asked: a token, or the key of a GitHub App that gets short-lived ones. */
export type ForgeSecret =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'app'; readonly appId: string; readonly privateKey: string };

/** A forge that is set up here. Of several that a repository could be on, the first counts. */
export type ForgeInstance = {
  readonly name: string;
  readonly kind: Exclude<ForgeKind, 'none'>;
  /** Where people see it, with the path at which it is installed. */
  readonly url: string;
  /** Where its API is, when that does not follow from `url`. */
  readonly api: string | null;
  readonly secret: ForgeSecret | null;
  /** Repositories (`owner/name` with `*`) for which it is used; null for all that are there. */
  readonly repositories: readonly string[] | null;
  /** Certificates that are trusted for it beside the usual ones, as PEM. */
  readonly ca: string | null;
};

/** The forges of the environment, and those of the file that it names; null: not set up. */
export type ForgeConfig = {
  readonly giteaUrl: string | null;
  readonly giteaToken: string | null;
  readonly githubUrl: string | null;
  readonly githubToken: string | null;
  readonly more?: readonly ForgeInstance[];
};

const known = new WeakMap<ForgeConfig, readonly ForgeInstance[]>();

/** All forges that are set up, those of the file first. Public GitHub is always known, perhaps without a token. */
export function instancesOf(config: ForgeConfig): readonly ForgeInstance[] {
  const made = known.get(config) ?? listOf(config);
  known.set(config, made);
  return made;
}

function listOf({ giteaUrl, giteaToken, githubUrl, githubToken, more = [] }: ForgeConfig): readonly ForgeInstance[] {
  const usual = { api: null, repositories: null, ca: null };
  const tokenOf = (token: string | null): ForgeSecret | null => (token === null ? null : { kind: 'token', token });
  const gitea = { ...usual, name: 'gitea', kind: 'gitea' as const, secret: tokenOf(giteaToken) };
  const github = { ...usual, name: 'github', kind: 'github' as const, secret: tokenOf(githubToken) };
  return [
    ...more,
    ...(giteaUrl === null ? [] : [{ ...gitea, url: giteaUrl }]),
    { ...github, url: githubUrl ?? 'https://github.com' },
  ];
}

/** Every secret with which a forge is asked, to be taken out of texts. */
export function forgeSecrets(config: ForgeConfig): string[] {
  return instancesOf(config).flatMap(({ secret }) =>
    secret === null ? [] : [secret.kind === 'token' ? secret.token : secret.privateKey],
  );
}

/** Whether any forge can be asked at all. */
export function hasForge(config: ForgeConfig): boolean {
  return instancesOf(config).some(({ secret }) => secret !== null);
}
