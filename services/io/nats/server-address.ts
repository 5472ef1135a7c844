import { AppError } from '../../floor/app-error.ts';
import { decodedPart } from '../../floor/text/decoded-part.ts';

/** Where the servers are, and as whom to connect; never shown whole. */
type ServerAddress = {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  /** What stands alone before the `@`. */
  readonly token?: string;
};

/**
 * Takes a list of server URLs apart: a user and a password in front of an `@` hold for all of them. Throws
 * AppError('misconfigured') when two of them name different ones.
 */
export function serverAddress(urls: string): ServerAddress {
  const servers: string[] = [];
  const named = new Map<string, Pick<URL, 'username' | 'password'>>();
  for (const text of urls.split(',')) {
    const { protocol, host, username, password } = new URL(text.trim());
    servers.push(`${protocol}//${host}`);
    if (username) named.set(`${username}:${password}`, { username, password });
  }
  const [first, second] = named.values();
  if (second)
    throw new AppError(
      'misconfigured',
      'CRAFTING_NATS_URL must name one user for all servers; two of its URLs name different ones.',
    );
  if (!first) return { servers };
  const user = decodedPart(first.username);
  return first.password ? { servers, user, pass: decodedPart(first.password) } : { servers, token: user };
}
