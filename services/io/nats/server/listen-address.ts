/** Where a server listens. `host` without brackets, also when it is an address of IPv6; port -1 = any free one. */
type ListenAddress = { readonly host: string; readonly port: number };

/** Takes `0.0.0.0:4222` or `[::]:0` apart; null is any port of the loopback. */
export function listenAddress(listen: string | null): ListenAddress {
  if (listen === null) return { host: '127.0.0.1', port: -1 };
  const at = listen.lastIndexOf(':');
  const host = listen.slice(0, at).replace(/^\[|\]$/g, '');
  return { host, port: Number(listen.slice(at + 1)) || -1 };
}

/** Whether only processes of this machine reach it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** Whether it means every address of this machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** A host as it stands in a URL; every address of this machine means the loopback, from here. */
export function hostInUrl(host: string): string {
  if (isWildcard(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
