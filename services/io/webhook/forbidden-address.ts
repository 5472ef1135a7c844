import { isIP } from 'node:net';
import { type CidrSet, parseCidrs } from '../../floor/cidr.ts';

/** This machine, its link, groups, reserved ones, and where clouds answer with the credentials of the machine. */
const forbidden4 = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
];
const forbidden6 = ['::/96', 'fe80::/10', 'fec0::/10', 'ff00::/8', 'fd00:ec2::254/128', 'fd20:ce::254/128'];

/** Networks in which an IPv4 address hides: mapped, translated (RFC 6052), and 6to4; with the bits before it. */
const hiding = [
  ['::ffff:', 96],
  ['64:ff9b::', 96],
  ['2002:', 16],
] as const;

function hidden(cidr: string): string[] {
  const [address = '', bits = ''] = cidr.split('/');
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const groups = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  return hiding.map(([prefix, before]) => `${prefix}${groups}${before === 16 ? '::' : ''}/${before + Number(bits)}`);
}

const forbidden = parseCidrs([...forbidden4, ...forbidden6, ...forbidden4.flatMap(hidden), '64:ff9b:1::/48']);

/** Whether nothing of ours may go to an address. What is no address at all is forbidden too. */
export function isForbidden(address: string, allow: CidrSet | null): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (isIP(plain) === 0) return true;
  return (forbidden?.has(plain) ?? true) && !(allow?.has(plain) ?? false);
}

/** Whether a host is an address by itself that is forbidden; a name is judged when it is looked up. */
export function isForbiddenHost(host: string, allow: CidrSet | null): boolean {
  return isIP(host.replace(/^\[|\]$/g, '')) !== 0 && isForbidden(host, allow);
}
