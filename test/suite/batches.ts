import type { Unit } from './choose-files.ts';
import { reach, textOf } from './imports.ts';

/** How many files of a kind share a process. */
const together = { pure: 25, farm: 8, real: 12, alone: 1 } as const;
/** Who starts no process may have a large memory: a fork copies it. Half as much is collected then. */
const flags = { pure: ['--max-semi-space-size=64'], farm: [], real: [], alone: [] } as const;
type Kind = keyof typeof together;

/** What files that share a process could do to each other: hooks of all tests, the environment, the process itself. */
const touchesOthers =
  /^(?:beforeEach|afterEach)\(|process\.(?:env\.\w+ = |env\[\w+\] = |chdir|on\(|once\()|globalAgent|setFlagsFromString/m;
/** Hooks of a whole file are those of its process: what they start would stand beside all tests of the others. */
const hooksAll = /^(?:before|after)\(/m;
/** What takes longest has a process of its own: others would wait behind it. */
const isLong = /^test\/(?:bench|cluster|contribute|crash|documents)\/|support\/thorough\.ts|services\/cli\/demo/;
/** Alone they take a minute or more. */
const isLongest =
  /^test\/(?:cluster|contribute|crash|documents)\/|\/(?:twelve-issues|issue-to-merge|rollout-killed|proof-attacks|web\/pages|cli\/demo)\.test/;
/** What shuts jobs in and runs them fills disks and memories, and is disturbed by whoever else does. */
const isRough = /^test\/services\/(?:io\/(?:process|sandbox)|runner)\//;
/** Real parts. */
const isReal =
  /node:(?:child_process|net|http|worker_threads)|services\/(?:start|main)\.ts|services\/io\/(?:process|sandbox|nats)\/|support\/(?:farm|git-)/;
const inFarm = /^test\/services\/(?:api|digester|history|notifier|parser|patcher|projector|scheduler)\//;

/**
 * With whom a file may share a process. To load the sources of a farm costs half a second of computing, those of a rule a
 * tenth: files that leave each other in peace are loaded together.
 */
export function kindOf(file: string): Kind {
  const ofTests = reach(file, (one) => one.startsWith('test/') && one !== 'test/support/pace.ts').map(textOf);
  if (ofTests.some((text) => touchesOthers.test(text))) return 'alone';
  if (!ofTests.some((text) => isReal.test(text))) return 'pure';
  const usesFarm = reach(file).includes('test/support/farm.ts');
  if (usesFarm && inFarm.test(file) && !/node:child_process/.test(textOf(file))) return 'farm';
  return isLong.test(file) ||
    isRough.test(file) ||
    ofTests.some((text) => isLong.test(text)) ||
    hooksAll.test(textOf(file))
    ? 'alone'
    : 'real';
}

/** When a process has its turn: those of a minute, then many files together, and the short ones fill up the end. */
function turnOf({ files: [file = '', ...more] }: Unit): number {
  if (isLongest.test(file)) return 0;
  return more.length > 0 ? 1 : 2;
}

/**
 * Puts whole files that may share a process together, in the order in which they come. What takes longest begins first: the end
 * of a run is else one long file on one core.
 */
export function batched(units: readonly Unit[]): Unit[] {
  const batches: Unit[] = [];
  const open = new Map<Kind, string[]>();
  for (const unit of units) {
    const [file = ''] = unit.files;
    const kind = unit.titles.length > 0 ? 'alone' : kindOf(file);
    const files = open.get(kind);
    if (kind === 'alone') batches.push(unit);
    else if (files && files.length < together[kind]) files.push(file);
    else {
      const fresh = [file];
      open.set(kind, fresh);
      batches.push({ files: fresh, titles: [], flags: flags[kind] });
    }
  }
  return batches.sort((one, other) => turnOf(one) - turnOf(other));
}
