import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../services/config.ts';
import type { Workspaces } from '../services/io/git/trees/workspaces.ts';
import { openLog } from '../services/io/log.ts';
import { start } from '../services/start.ts';

/** A folder that is always ready: what a job costs without git. */
function emptyFolder(dir: string): Workspaces {
  mkdirSync(dir, { recursive: true });
  const nothing = async () => {};
  const withoutGit = async () => {
    throw new Error('this measurement has no git');
  };
  return {
    checkout: async () => ({
      ...{ dir, sha: '0'.repeat(40), objects: dir, changes: async () => '', release: nothing },
      files: async () => [],
      additions: async () => ({ others: [], changed: [], modes: [] }),
      times: { fetchMs: 0, treeMs: 0 },
    }),
    changeTree: withoutGit,
    commitPatch: withoutGit,
    push: withoutGit,
    removeBranch: withoutGit,
    refTip: withoutGit,
    branchTip: withoutGit,
    mergesInto: withoutGit,
    readBlobs: async () => new Map(),
    listFiles: async () => [],
    addedLines: async () => null,
    lineAuthors: async () => [],
    isAncestor: async (_remote, older, newer) => older === newer,
    readChanges: async () => ({ changed: new Set(), renamed: new Map(), added: new Set(), removed: new Set() }),
    sweep: nothing,
    freeables: [],
    gc: nothing,
    close: nothing,
  };
}

const config = readConfig(process.env);
const parts = process.argv.includes('--without-git') ? { workspaces: emptyFolder(join(config.dataDir, 'empty')) } : {};
const farm = await start(config, await openLog({ level: 'warn', format: 'json' }), parts);
process.stdout.write(`${farm.url}\n`);
process.stdin.resume().once('end', () => void farm.close().then(() => process.exit(0)));
