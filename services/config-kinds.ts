import { type CidrSet, parseCidrs } from './floor/cidr.ts';
import { isKeyText } from './io/sealing/seal-box.ts';
import { isHostPattern } from './projects/rules/confinement-fields.ts';

export const roleNames = [
  'api',
  'bottler',
  'digester',
  'notifier',
  'orchestrator',
  'parser',
  'patcher',
  'projector',
  'relay',
  'runner',
  'scheduler',
] as const;
export type Role = (typeof roleNames)[number];

/** What a text may be, and how it is read. */
type Kind<T> = { readonly expects: string; readonly read: (text: string) => T | undefined };

/** One variable: its default as the text that a user would write (`''` = unset), and what it says. */
export type Variable<T = unknown> = Kind<T> & { readonly fallback: string; readonly says: string };

export const word: Kind<string> = { expects: 'text', read: (text) => text };
export const flag: Kind<boolean> = {
  expects: '0 or 1',
  read: (text) => ({ '0': false, false: false, '1': true, true: true })[text.toLowerCase()],
};
export const integer = (min: number, max: number): Kind<number> => ({
  expects: `a whole number from ${min} to ${max}`,
  read: (text) => (/^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined),
});
export const choice = <const Words extends readonly string[]>(words: Words): Kind<Words[number]> => ({
  expects: `one of ${words.join(', ')}`,
  read: (text) => words.find((word) => word === text),
});
export const url = (...schemes: string[]): Kind<string> => ({
  expects: `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  read: (text) => {
    const listed = text
      .split(',')
      .every((one) => URL.canParse(one) && schemes.includes(new URL(one).protocol.slice(0, -1)));
    return listed ? text : undefined;
  },
});
export const listen: Kind<string> = {
  expects: 'an address and a port such as 0.0.0.0:4222',
  read: (text) => (/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]{1,253}):([1-9]\d{0,4}|0)$/.test(text) ? text : undefined),
};
export const cidrs: Kind<CidrSet> = {
  expects: 'a comma-separated list of networks such as 10.0.0.0/8,::1/128',
  read: (text) =>
    parseCidrs(
      text
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
    ),
};
export const roles: Kind<readonly Role[]> = {
  expects: `a comma-separated list out of ${roleNames.join(', ')}`,
  read: (text) => {
    const listed = text.split(',').map((one) => one.trim());
    const known = roleNames.filter((role) => listed.includes(role));
    return known.length > 0 && known.length === new Set(listed).size ? known : undefined;
  },
};

export const words: Kind<readonly string[]> = {
  expects: 'a comma-separated list of labels such as go,jdk17',
  read: (text) => {
    const listed = text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
    return listed.every((one) => /^[a-z0-9][a-z0-9._+-]{0,63}$/.test(one)) ? listed : undefined;
  },
};
export const names: Kind<readonly string[]> = {
  expects: 'a comma-separated list of names of variables such as SONAR_TOKEN',
  read: (text) => {
    const listed = text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
    return listed.every((one) => /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(one)) ? listed : undefined;
  },
};
export const folders: Kind<readonly string[]> = {
  expects: 'a comma-separated list of absolute paths',
  read: (text) => {
    const listed = text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
    return listed.every((one) => one.startsWith('/')) ? listed : undefined;
  },
};
export const hosts: Kind<'on' | readonly string[]> = {
  expects: 'on, or a comma-separated list of hosts such as api.example.org,*.example.net:8443',
  read: (text) => {
    if (text === 'on') return 'on';
    const listed = text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
    return listed.every((one) => isHostPattern(one)) ? listed : undefined;
  },
};
export const sealKeys: Kind<string> = {
  expects: '64 hexadecimal digits (openssl rand -hex 32), or the new key, a comma and the old one',
  read: (text) => (isKeyText(text) ? text : undefined),
};
export const timeOfDay: Kind<string> = {
  expects: 'a time such as 06:00',
  read: (text) => (/^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? text : undefined),
};
export const timezone: Kind<string> = {
  expects: 'an IANA time zone such as Europe/Berlin',
  read: (text) => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    } catch {
      return undefined;
    }
  },
};
export const author: Kind<{ name: string; email: string }> = {
  expects: 'a name and an address such as Farm <farm@example.org>',
  read: (text) => {
    const [, name, email] = /^([^<>\n]{1,128}) <([^<>\s@]{1,128}@[^<>\s@]{1,128})>$/.exec(text) ?? [];
    return name && email ? { name, email } : undefined;
  },
};

/** A variable of a kind. */
export function variable<T>(kind: Kind<T>, fallback: string, says: string): Variable<T> {
  return { ...kind, fallback, says };
}
