/** Where a repository is, whatever protocol it is fetched by. */
type Place = { readonly host: string; readonly path: string };

const scpLike = /^[^@:/]{1,64}@([^:/[\]]{1,255}|\[[0-9a-f:.]{1,64}\]):(.{1,1024})$/i;

/** Whether two clean git addresses name the same repository: one may be of http(s), the other of ssh. */
export function isSameRepository(one: string, other: string): boolean {
  const [a, b] = [placeOf(one), placeOf(other)];
  return a !== null && b !== null && a.host === b.host && a.path === b.path;
}

function placeOf(address: string): Place | null {
  const url = URL.parse(address);
  if (url !== null && ['http:', 'https:', 'ssh:'].includes(url.protocol)) return place(url.hostname, url.pathname);
  const [, host, path] = scpLike.exec(address) ?? [];
  return host === undefined || path === undefined ? null : place(host, path);
}

function place(host: string, path: string): Place {
  const bare = path.replace(/^\/+|\/+$/g, '').replace(/\.git$/i, '');
  return { host: host.toLowerCase(), path: bare.toLowerCase() };
}
