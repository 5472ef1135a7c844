import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { AppError } from '../../floor/app-error.ts';
import { type CidrSet, parseCidrs } from '../../floor/cidr.ts';
import { isForbidden } from '../webhook/forbidden-address.ts';

export type Resolve = (host: string) => Promise<readonly { address: string }[]>;
/** A host and a port as a program asks for them; the host without brackets. */
export type Wanted = { host: string; port: number };

const usualPorts = [80, 443];
const inside = parseCidrs(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']);
const usualResolve: Resolve = (host) => lookup(host, { all: true });

/** The pattern of a list that a host and port fall under. */
export function listedPattern({ host, port }: Wanted, allow: readonly string[]): string | undefined {
  const name = host.toLowerCase().replace(/\.$/, '');
  return allow.find((pattern) => {
    const [, listed = '', listedPort] = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase()) ?? [];
    if (listedPort === undefined ? !usualPorts.includes(port) : Number(listedPort) !== port) return false;
    if (listed.startsWith('*.')) return isIP(name) === 0 && name.endsWith(listed.slice(1));
    return listed.replace(/^\[|\]$/g, '') === name;
  });
}

/** Of this machine and its link, the networks that may be reached: those that are listed as addresses, or these alone. */
export type OwnNetworks = 'listed' | CidrSet | null;

/**
 * The address to connect to. What leads to this machine or its link has to be listed as an address, what leads into a
 * private network by its whole name: an owner of a name decides where it points, and a wildcard lets in names unseen.
 * Throws AppError('forbidden') with what was refused, AppError('unavailable') for a name that is not found.
 */
export async function allowedAddress(
  wanted: Wanted,
  allow: readonly string[],
  resolve: Resolve = usualResolve,
  own: OwnNetworks = 'listed',
): Promise<string> {
  const { host, port } = wanted;
  const pattern = listedPattern(wanted, allow);
  if (pattern === undefined) throw new AppError('forbidden', `${host}:${port} is not on the list of this job`);
  const networks = own === 'listed' ? null : own;
  const isOwn = (address: string) =>
    isForbidden(address, networks) || (isOurs(address) && !(networks?.has(address) ?? false));
  const way = own === 'listed' ? 'list the address itself' : 'only the operator can allow that (CRAFTING_BOTTLE_ALLOW)';
  if (isIP(host) !== 0) {
    if (own === 'listed' || !isOwn(host)) return host;
    throw new AppError('forbidden', `${host} is an address of this machine or its link; ${way}`);
  }
  const found = await resolve(host).catch(() => []);
  const [first] = found;
  if (first === undefined) throw new AppError('unavailable', `${host} is not found`);
  for (const { address } of found) {
    if (isOwn(address)) throw new AppError('forbidden', `${host} leads to this machine, at ${address}; ${way}`);
    if (pattern.startsWith('*.') && inside?.has(address))
      throw new AppError('forbidden', `${host} leads into a private network, at ${address}; list the whole name`);
  }
  return first.address;
}

function isOurs(address: string): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === address));
}
