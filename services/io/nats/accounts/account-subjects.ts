/** A subject of the service's account that a client account may ask. */
export type AccountExport = {
  readonly subject: string;
  /** Whether one question may have several answers. */
  readonly stream?: boolean;
};

/**
 * Somebody else on the log's server. Permissions inside one account would not be enough: who may merely ask can name any
 * subject for the answer, also that of an event. An account of its own reaches the subjects it was given, and its
 * answers stay inside it.
 */
export type ClientAccount = {
  readonly account: string;
  /** The public half of its key; the other one never comes here. */
  readonly publicKey: string;
  readonly exports: readonly AccountExport[];
};

/** The account in which the farm's streams lie. */
export const farmAccount = 'CT';

/** What a client account says instead of `$JS.API`: it has an API of that name itself, which knows no stream. */
export const accountApiPrefix = `$JS.${farmAccount}.API`;

/** The subject under which a client account asks. */
export function askedAs(subject: string): string {
  return subject.replace(/^\$JS\.API\./, `${accountApiPrefix}.`);
}
