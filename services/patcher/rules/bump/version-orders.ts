import semver from 'semver';
import type { VersionOrder } from './define.ts';

/** Semantic versions; one or two numbers stand for three. */
export const semanticOrder: VersionOrder = {
  read(text) {
    const short = /^\d{1,9}(\.\d{1,9})?$/.exec(text);
    return semver.valid(short === null ? text : `${text}${short[1] === undefined ? '.0' : ''}.0`);
  },
  compare: (a, b) => semver.compareBuild(a, b),
  numbers: (version) => [semver.major(version), semver.minor(version), semver.patch(version)],
  isPrerelease: (version) => semver.prerelease(version) !== null,
};

/** Semantic versions with the `v` that Go puts before them, or the `go` of its toolchain. */
export const goOrder: VersionOrder = {
  ...semanticOrder,
  read(text) {
    const version = semanticOrder.read(text.replace(/^(?:v|go)/, ''));
    // A module without a go.mod has versions such as v2.0.0+incompatible; semver drops what is behind the plus.
    return version === null ? null : `v${version}${text.endsWith('+incompatible') ? '+incompatible' : ''}`;
  },
};

type Part = number | string;
const dotted = /^\d{1,9}(?:[.-]?(?:\d{1,9}|[A-Za-z]{1,12})){0,12}$/;

/**
 * RubyGems' and Composer's order: part by part, where a word stands before nothing (`1.0.rc1` before `1.0`) and words
 * follow the alphabet (alpha, beta, rc); Composer's `dev` stands before all, its patch level after the release.
 */
export const dottedOrder: VersionOrder = {
  read: (text) => (text.length <= 64 && dotted.test(text.replace(/^v/, '')) ? text.replace(/^v/, '') : null),
  compare(a, b) {
    const [left, right] = [parts(a), parts(b)];
    for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
      const difference = compareParts(left[at] ?? 0, right[at] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  },
  numbers: (version) => parts(version).filter((part) => typeof part === 'number'),
  isPrerelease: (version) => parts(version).some((part) => typeof part === 'string' && !part.startsWith('p')),
};

function parts(version: string): Part[] {
  return (version.match(/\d+|[A-Za-z]+/g) ?? []).map((part) => (/\d/.test(part) ? Number(part) : part.toLowerCase()));
}

function compareParts(a: Part, b: Part): number {
  const difference = rank(a) - rank(b);
  if (difference !== 0 || rank(a) !== word) return difference;
  return a === b ? 0 : a < b ? -1 : 1;
}

const word = -1;

/** Words stand before 0, which is as good as nothing, and a patch level right after it. */
function rank(part: Part): number {
  if (typeof part === 'number') return part;
  if (part === 'dev') return -2;
  return /^(p|pl|patch)$/.test(part) ? 0.5 : word;
}
