import type { Observation } from '../../../../events/finding.ts';

/** A finding of kind cve, and where it was found. */
export type BumpFinding = Pick<
  Observation,
  'package' | 'installed_version' | 'fixed_version' | 'file' | 'tool' | 'code'
> & { readonly subproject: string };

export type BumpContext = {
  /** Language of the subproject. */
  readonly language: string;
  /** Manifests and lock files that are there, by path from the repository's root. */
  readonly files: ReadonlyMap<string, string>;
};

/** How to get to another version. `to` is the least one; `owned` are paths from the root that may change by it. */
export type BumpPlan =
  | {
      readonly kind: 'edit';
      readonly files: ReadonlyMap<string, string>;
      readonly to: string;
      readonly owned: readonly string[];
      readonly explanation: string;
    }
  | {
      readonly kind: 'command';
      /** For `/bin/sh -c` in the folder of the subproject. */
      readonly command: string;
      /** The program without which it cannot be run. */
      readonly toolNeeded: string;
      /** New contents that are to be there before it runs; most often none. */
      readonly files: ReadonlyMap<string, string>;
      readonly to: string;
      readonly owned: readonly string[];
      readonly explanation: string;
    }
  | { readonly kind: 'none'; readonly reason: string };

/** The order in which versions of an ecosystem follow each other. */
export type VersionOrder = {
  /** A version in its usual spelling, which is safe as a word of a shell command; null when it is none. */
  read(text: string): string | null;
  compare(a: string, b: string): number;
  /** The numbers that separate its release lines, the first one first. */
  numbers(version: string): readonly number[];
  isPrerelease(version: string): boolean;
};

/** The folder that has the manifest; names in it are relative to it. */
export type Home = { text(name: string): string | undefined; readonly names: readonly string[] };

export type BumpRequest = {
  readonly name: string;
  /** The version that is to go; null when neither the finding nor a file tells. */
  readonly from: string | null;
  readonly to: string;
  readonly home: Home;
};

/** A plan in the words of one ecosystem: names relative to the home, `note` for people. */
export type HomePlan =
  | { readonly kind: 'edit'; readonly files: ReadonlyMap<string, string>; readonly note: string }
  | {
      readonly kind: 'command';
      readonly command: string;
      readonly files?: ReadonlyMap<string, string>;
      readonly owned: readonly string[];
      readonly note: string;
    }
  | { readonly kind: 'none'; readonly reason: string };

/** A unit of this folder: one package manager. Pure. */
export type BumpEcosystem = {
  /** The name of its file. */
  readonly name: string;
  /** Tools whose findings are about its packages. */
  readonly auditors: readonly string[];
  readonly languages: readonly string[];
  /** A file by which a folder is known to be its own, as a name in the folder. */
  readonly knownBy: RegExp;
  readonly toolNeeded: string;
  readonly order: VersionOrder;
  /** A package's name as it is written in files and commands; null when it is none, or not fit for a shell. */
  packageName(text: string): string | null;
  /** The versions that its files hold; none when they do not tell. */
  installed(name: string, home: Home): readonly string[];
  plan(request: BumpRequest): HomePlan;
};

export const none = (reason: string) => ({ kind: 'none', reason }) as const;
