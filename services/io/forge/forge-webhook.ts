import { verify } from '@octokit/webhooks-methods';
import { type Static, Type } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { nullable, text } from '../../../events/fields.ts';
import type { ForgeEventReceived } from '../../../events/patches/forge-event.ts';
import { AppError } from '../../floor/app-error.ts';
import { inOtherWords, isGitlabSecret } from './gitlab-webhook.ts';

export type ForgeEventData = Static<typeof ForgeEventReceived.data>;

/** One delivery as it came over the wire; the body unread, since the signature is over its bytes. */
type Delivery = {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly secret: string;
};

/** GitHub sends 25 MB at most. */
export const longestWebhook = 25 * 1024 * 1024;

const maybe = <S extends Parameters<typeof nullable>[0]>(schema: S) => Type.Optional(nullable(schema));
const PullNumber = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
const Branch = Type.Object({ ref: text(255), sha: text(64) });

/** Of what forges send, the part that is read. */
const Payload = TypeCompiler.Compile(
  Type.Object({
    action: maybe(text(64)),
    repository: maybe(Type.Object({ full_name: text(512), clone_url: maybe(text(2048)) })),
    number: maybe(PullNumber),
    pull_request: maybe(Type.Object({ number: Type.Optional(PullNumber), head: maybe(Branch) })),
    issue: maybe(Type.Object({ number: PullNumber })),
    ref: maybe(text(1024)),
    after: maybe(text(64)),
  }),
);
type Payload = Static<ReturnType<typeof Payload.Schema>>;

/** Kinds by the word in the event header; forges have many words for a review. */
const comments = /^(issue_comment|commit_comment|pull_request_(comment|approved|rejected|review|review_comment))$/;

/**
 * Reads what a forge tells by webhook. Throws AppError: `unauthorized` when it is not signed with the secret, `invalid` when
 * it is signed and not what a forge sends.
 */
export async function readWebhook({ headers, body, secret }: Delivery): Promise<ForgeEventData> {
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  if (body.length > longestWebhook) throw invalid('is too long');
  const words = wordsOf(body);
  if (header('x-gitlab-event') !== undefined) return readGitlab(words, header, secret);
  await mustBeSigned(words, header, secret);
  // Gitea sends the headers of GitHub too, Forgejo those of both.
  const gitea = header('x-forgejo-event') ?? header('x-gitea-event');
  const event = gitea ?? header('x-github-event');
  const delivery = header('x-forgejo-delivery') ?? header('x-gitea-delivery') ?? header('x-github-delivery');
  if (event === undefined || delivery === undefined) throw invalid('names no event or no delivery');
  // It becomes part of a subject of the log.
  if (!/^[A-Za-z0-9-]{1,128}$/.test(delivery)) throw invalid('has an unusable delivery id');
  const payload = payloadOf(words);
  const place = { forge: gitea === undefined ? 'github' : 'gitea', delivery_id: delivery } as const;
  return { ...place, ...factsOf(event, payload) };
}

function readGitlab(
  words: string | null,
  header: (name: string) => string | undefined,
  secret: string,
): ForgeEventData {
  if (!isGitlabSecret(header('x-gitlab-token'), secret)) throw notSigned();
  const delivery = header('x-gitlab-event-uuid') ?? '';
  if (!/^[A-Za-z0-9-]{1,128}$/.test(delivery)) throw invalid('has an unusable delivery id');
  const { event, payload } = inOtherWords(jsonOf(words));
  return { forge: 'gitlab', delivery_id: delivery, ...factsOf(event, checked(payload)) };
}

function notSigned(): AppError {
  const words = 'The webhook is not signed with the secret that is set here.';
  return new AppError('unauthorized', words, { name: 'webhook_signature' });
}

async function mustBeSigned(words: string | null, header: (name: string) => string | undefined, secret: string) {
  const bare = header('x-forgejo-signature') ?? header('x-gitea-signature');
  const given = bare === undefined ? header('x-hub-signature-256') : `sha256=${bare}`;
  const isOne = given !== undefined && /^sha256=[0-9a-f]{64}$/.test(given);
  // Compared in constant time there; an empty secret or body is an error to it.
  const isSigned = isOne && secret !== '' && words !== null && words !== '' && (await verify(secret, words, given));
  if (!isSigned) throw notSigned();
}

/** The body as text; null when it is no UTF-8, of which the signature could not be told. */
function wordsOf(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}

function payloadOf(words: string | null): Payload {
  return checked(jsonOf(words));
}

function jsonOf(words: string | null): unknown {
  try {
    return JSON.parse(words ?? '');
  } catch {
    throw invalid('is no JSON: set its content type to application/json');
  }
}

function checked(value: unknown): Payload {
  // An own key of that name is never sent by a forge, and would be a prototype wherever it is copied.
  const parts = [value, ...Object.values(Object(value))];
  if (parts.some((part) => Object.hasOwn(Object(part), '__proto__')) || !Payload.Check(value))
    throw invalid('is not what a forge sends');
  return value;
}

function factsOf(event: string, payload: Payload): Omit<ForgeEventData, 'forge' | 'delivery_id'> {
  const { repository, pull_request: pull, issue } = payload;
  const kind = kindOf(event);
  const isPush = kind === 'push';
  return {
    kind,
    action: actionOf(payload.action ?? null),
    repository: repository?.full_name ?? null,
    clone_url: cleanUrl(repository?.clone_url ?? null),
    number: isPush ? null : (pull?.number ?? issue?.number ?? (pull ? payload.number : null) ?? null),
    branch: isPush ? branchOf(payload.ref ?? '') : (pull?.head?.ref ?? null),
    commit: commitOf((isPush ? payload.after : pull?.head?.sha) ?? ''),
  };
}

function kindOf(event: string): ForgeEventData['kind'] {
  if (event === 'push' || event === 'pull_request') return event;
  return comments.test(event) ? 'comment' : 'other';
}

/** Gitea has a word of its own for new commits. */
function actionOf(action: string | null): string | null {
  return action === 'synchronized' ? 'synchronize' : action;
}

function branchOf(ref: string): string | null {
  const branch = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : '';
  return branch === '' || branch.length > 255 ? null : branch;
}

/** Of a branch that is gone, forges send zeros or nothing. */
function commitOf(sha: string): string | null {
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(sha) && !/^0+$/.test(sha) ? sha : null;
}

/** An http(s) address without user, password, query and fragment; null for anything else. */
function cleanUrl(address: string | null): string | null {
  const url = address === null ? null : URL.parse(address);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return null;
  const clean = `${url.origin}${url.pathname}`;
  return clean.length > 2048 ? null : clean;
}

function invalid(what: string): AppError {
  return new AppError('invalid', `The webhook ${what}.`);
}
