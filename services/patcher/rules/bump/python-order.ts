import type { VersionOrder } from './define.ts';

const pattern =
  /^v?(?:(\d{1,9})!)?(\d{1,9}(?:\.\d{1,9}){0,12})(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d{0,9}))?(?:-(\d{1,9})|[-_.]?(post|rev|r)[-_.]?(\d{0,9}))?(?:[-_.]?(dev)[-_.]?(\d{0,9}))?(?:\+([a-z0-9]{1,20}(?:[-_.][a-z0-9]{1,20}){0,8}))?$/;
const phases: Readonly<Record<string, string>> = { alpha: 'a', beta: 'b', c: 'rc', pre: 'rc', preview: 'rc' };

type Version = {
  readonly epoch: number;
  readonly release: readonly number[];
  /** The phase and its number; null for none. */
  readonly pre: readonly [string, number] | null;
  readonly post: number | null;
  readonly dev: number | null;
  readonly local: readonly (string | number)[];
};

/** PEP 440: epoch, release, then development and pre-releases before it, post-releases and local versions after it. */
export const pythonOrder: VersionOrder = {
  read: (text) => (text.length <= 64 && parsed(text) !== null ? text.trim().toLowerCase() : null),
  compare(a, b) {
    const [left, right] = [parsed(a), parsed(b)];
    if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
    return compareKeys(keyOf(left), keyOf(right)) || compareLocal(left.local, right.local);
  },
  numbers: (version) => parsed(version)?.release ?? [],
  isPrerelease(version) {
    const found = parsed(version);
    return found !== null && (found.pre !== null || found.dev !== null);
  },
};

function parsed(text: string): Version | null {
  const found = pattern.exec(text.trim().toLowerCase());
  if (found === null) return null;
  const [, epoch, release = '', phase, phaseNumber, bare, post, postNumber, dev, devNumber, local] = found;
  return {
    epoch: Number(epoch ?? 0),
    release: release.split('.').map(Number),
    pre: phase === undefined ? null : [phases[phase] ?? phase, Number(phaseNumber || 0)],
    post: bare !== undefined ? Number(bare) : post === undefined ? null : Number(postNumber || 0),
    dev: dev === undefined ? null : Number(devNumber || 0),
    local: local === undefined ? [] : local.split(/[-_.]/).map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
  };
}

/** A development release alone is before the first alpha; no phase is after the last candidate. */
function keyOf({ epoch, release, pre, post, dev }: Version): number[] {
  const numbers = [...release, ...Array<number>(14 - release.length).fill(0)];
  const phase = pre === null ? (post === null && dev !== null ? -1 : 3) : ['a', 'b', 'rc'].indexOf(pre[0]);
  return [epoch, ...numbers, phase, pre?.[1] ?? 0, post ?? -1, dev ?? Number.POSITIVE_INFINITY];
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((one, place) => one !== b[place]);
  return at === -1 ? 0 : (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1;
}

/** Numbers are after words, and what goes on is after what ends. */
function compareLocal(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [one, other] = [a[at], b[at]];
    if (one === other) continue;
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    if (typeof one !== typeof other) return typeof one === 'string' ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return 0;
}
