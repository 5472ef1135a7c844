import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** A set of networks. */
export type CidrSet = { readonly has: (address: string) => boolean; readonly size: number };

/** Parses `address/bits` or single addresses; undefined when one of them is neither. */
export function parseCidrs(list: readonly string[]): CidrSet | undefined {
  const networks = new BlockList();
  for (const cidr of list) if (!add(networks, cidr)) return undefined;
  return { size: list.length, has: (address) => contains(networks, address) };
}

function add(networks: BlockList, cidr: string): boolean {
  const [address = '', bits, ...rest] = cidr.split('/');
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  if (!family || rest.length > 0) return false;
  if (bits === undefined) {
    networks.addAddress(address, family);
    return true;
  }
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > (family === 'ipv4' ? 32 : 128)) return false;
  networks.addSubnet(address, Number(bits), family);
  return true;
}

/** An IPv4 caller on a dual-stack socket shows as `::ffff:a.b.c.d`: it is the IPv4 address that is meant. */
function contains(networks: BlockList, address: string): boolean {
  const plain =
    address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address.replace(/%.*$/, '');
  if (isIPv4(plain)) return networks.check(plain, 'ipv4');
  return isIPv6(plain) && networks.check(plain, 'ipv6');
}
