import { listedPattern } from '../../io/sandbox/allowed-hosts.ts';
import type { ProviderKind } from '../wire/registry.ts';
import { isKey, type Provider, trimmed } from './provider-file.ts';

/** Variables of the base URL and of the key that programs of a kind read. */
const kindVariables: Readonly<
  Record<ProviderKind, { readonly urls: readonly string[]; readonly keys: readonly string[] }>
> = {
  anthropic: { urls: ['ANTHROPIC_BASE_URL'], keys: ['ANTHROPIC_API_KEY'] },
  gemini: { urls: ['GOOGLE_GEMINI_BASE_URL', 'GEMINI_API_BASE'], keys: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] },
  openai: { urls: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'], keys: ['OPENAI_API_KEY'] },
};

/** The provider of a name that a team may use: one of its own, else one for every team. */
export function providerFor(all: readonly Provider[], name: string, team: string): Provider | undefined {
  const named = all.filter((one) => one.name === name);
  return named.find(({ teams }) => teams?.includes(team)) ?? named.find(({ teams }) => teams === null);
}

type Known = { readonly url: string; readonly key: string };

/** The providers that variables name, for every team; those of the file win. */
export function providersOf(
  variables: Readonly<Record<ProviderKind, Known>>,
  file: readonly Provider[],
): readonly Provider[] {
  const named = (Object.keys(variables) as ProviderKind[]).flatMap((kind): Provider[] => {
    const { url, key } = variables[kind];
    return isKey(key) ? [{ name: kind, kind, url: trimmed(url), key, teams: null }] : [];
  });
  const shadowed = (name: string) => file.some((one) => one.name === name && one.teams === null);
  return [...file, ...named.filter(({ name }) => !shadowed(name))];
}

/**
 * What a bottle is told of its providers: base URLs on its own loopback, and a word that stands where programs want a key.
 * Those of OpenAI add no `/v1` of their own.
 */
export function providerEnvironment(providers: readonly Provider[], port: number): Record<string, string> {
  const env: Record<string, string> = {};
  for (const { name, kind } of providers) {
    const base = `http://127.0.0.1:${port}/${name}${kind === 'openai' ? '/v1' : ''}`;
    // One that is called as its kind has the usual variables; another one of that kind is named by its own.
    const { urls, keys } = kindVariables[kind];
    const own = name.toUpperCase().replaceAll('-', '_');
    const taken = urls.some((url) => url in env) && name !== kind;
    for (const variable of taken ? [`${own}_BASE_URL`] : urls) env[variable] = base;
    for (const variable of taken ? [`${own}_API_KEY`] : keys) env[variable] = placeholderKey;
  }
  return env;
}

/** Opens nothing anywhere: the plane puts the real key in its place. */
const placeholderKey = 'held-by-the-farm';

/** Of these host patterns, the first that leads to a provider past the meter. */
export function providerHost(all: readonly Pick<Provider, 'url'>[], hosts: readonly string[]): string | undefined {
  for (const { url } of all) {
    const { hostname, port, protocol } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const listed = listedPattern({ host, port: Number(port || (protocol === 'https:' ? 443 : 80)) }, hosts);
    if (listed !== undefined) return listed;
  }
  return undefined;
}

export function unmeteredWords(host: string): string {
  return `${host} is a provider's: list it among the providers of the agent, where it is metered.`;
}
