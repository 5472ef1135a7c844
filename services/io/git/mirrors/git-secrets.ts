import { createHash } from 'node:crypto';
import type { Credential, Remote } from './remote-url.ts';

// Forges that take a token as the password look at no user name, but Basic authentication needs one.
const anyUser = 'git';

/**
 * The settings that hand a credential to git by environment, where neither `ps` nor a file shows it. The header is bound
 * to the origin of the address. Redirects are not followed then: git would send the header to wherever they lead.
 */
export function credentialSettings(remote: Remote): [name: string, value: string][] {
  const header = authorization(remote);
  if (header === undefined) return [];
  return [
    [`http.${new URL(remote.url).origin}/.extraHeader`, `Authorization: ${header}`],
    ['http.followRedirects', 'false'],
  ];
}

/** The value of the header that shows a credential to an http(s) server; undefined when there is none to show. */
export function authorization(remote: Remote): string | undefined {
  if (remote.credential === undefined || !/^https?:/.test(remote.url)) return undefined;
  return `Basic ${base64(basicPair(remote.credential))}`;
}

/** Takes a password, and every form in which git, curl or a server may repeat it, out of a text. */
export function redactCredential(text: string, credential: Credential | undefined): string {
  if (credential === undefined || credential.password === '') return text;
  const { password } = credential;
  const pair = basicPair(credential);
  const forms = [base64(pair), encodeURIComponent(pair), base64(password), encodeURIComponent(password), password];
  const bare = forms.map((form) => form.replace(/=+$/, '')).filter((form) => form !== '');
  return [...new Set([...forms, ...bare])].reduce((rest, form) => rest.replaceAll(form, '***'), text);
}

/** Tells credentials apart in memory without keeping them as keys. */
export function credentialDigest(credential: Credential | undefined): string {
  if (credential === undefined) return 'anonymous';
  return createHash('sha256')
    .update(`${credential.username ?? ''}\0${credential.password}`)
    .digest('hex');
}

function basicPair(credential: Credential): string {
  return `${credential.username ?? anyUser}:${credential.password}`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
