import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AgentRunRequestedData } from '../../events/jobs/bottle.ts';
import type { EventData } from '../../events/registry.ts';
import type { Store } from '../../services/io/open-store.ts';
import { gits } from './git-repository.ts';

/** What a scripted agent does in one run: the files that it writes, and how it ends. */
export type ScriptedRun = {
  readonly files?: Record<string, string>;
  readonly summary?: string;
  readonly status?: 'success' | 'partial' | 'failed';
  readonly ended?: EventData<'AgentRunEnded'>['ended'];
};

export type ScriptedAgent = (asked: AgentRunRequestedData, turn: number) => ScriptedRun | Promise<ScriptedRun>;

export type ScriptedBottles = {
  readonly asked: AgentRunRequestedData[];
  stop(): Promise<void>;
};

const manifest = (name: string): EventData<'AgentRunStarted'>['manifest'] => ({
  ...{
    name,
    chain: [name],
    provider: 'generic',
    program: 'scripted',
    model: null,
    prompt: '',
    hosts: [],
    gateway: [],
    needs: [],
  },
  ...{ time_limit_secs: 600, watchdog_secs: 600, cutoff: 'cutoff', budget: null },
});

/** Stands for the role that runs agents: the same events and the same stored diffs, made by a script in a clone of the repository. */
export async function startScriptedBottles(
  { log, bottles }: Pick<Store, 'log' | 'bottles'>,
  { bare, agent }: { bare: string; agent: ScriptedAgent },
): Promise<ScriptedBottles> {
  const asked: AgentRunRequestedData[] = [];
  const sessions = new Map<string, string>();
  const turns = new Map<string, number>();
  let last: Promise<unknown> = Promise.resolve();
  let broken: unknown = null;

  const run = async (data: AgentRunRequestedData): Promise<void> => {
    const { bottle_id, project, work } = data;
    if (await log.last('AgentRunEnded', bottle_id)) return;
    const key = `${project} ${work.issue}`;
    const turn = (turns.get(key) ?? 0) + 1;
    turns.set(key, turn);
    asked.push(data);
    const job_id = bottle_id;
    const started = new Date().toISOString();
    await log.append({
      type: 'AgentRunStarted',
      id: bottle_id,
      data: {
        ...{ bottle_id, project, job_id, runner: 'scripted', manifest: manifest(data.agent) },
        ...{ manifest_digest: 'ab'.repeat(32), session: data.session },
      },
    });
    const { files = {}, summary = 'Done.', status = 'success', ended = 'done' } = await agent(data, turn);
    const diff = treeOf(data, files);
    if (ended === 'done')
      await log.append({ type: 'AgentRunDone', id: bottle_id, data: { bottle_id, project, job_id, status, summary } });
    const digest = diff === '' ? null : await bottles.put(Buffer.from(diff));
    const session = await bottles.put(Buffer.from(`session of ${bottle_id}`));
    sessions.set(session, diff);
    await log.append({
      type: 'AgentRunEnded',
      id: bottle_id,
      data: {
        ...{ bottle_id, project, job_id, ended, why: null, exit_code: ended === 'done' ? 0 : 1, sha: work.ref ?? null },
        diff: digest === null ? null : { digest, files: Object.keys(files).length, bytes: Buffer.byteLength(diff) },
        ...{ session, started_at: started, duration_ms: 1200, turns: 3 },
      },
    });
  };

  /** The whole diff against the commit from which it began: what an earlier session left is in the tree already. */
  const treeOf = ({ work, session }: AgentRunRequestedData, files: Record<string, string>): string => {
    const dir = mkdtempSync(join(tmpdir(), 'ct-scripted-'));
    try {
      const earlier = session === null ? '' : (sessions.get(session) ?? '');
      mkdirSync(join(dir, 'tree'));
      writeFiles(dir, { 'earlier.diff': earlier });
      mkdirSync(join(dir, 'made'));
      writeFiles(join(dir, 'made'), files);
      const diff = gits(join(dir, 'tree'), makeTree, bare, work.ref ?? 'HEAD');
      return diff === '' ? '' : `${diff}\n`;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  };

  const follower = await log.follow({
    from: 1,
    filter: 'ct.bottle.*.AgentRunRequested',
    onEvent: (event) => {
      if (event.type !== 'AgentRunRequested') return;
      last = last
        .then(() => run(event.data))
        .catch((error: unknown) => {
          broken ??= error;
        });
    },
    onError: (error) => {
      broken ??= error;
    },
  });
  return {
    asked,
    stop: async () => {
      await follower.stop();
      await last;
      if (broken !== null) throw broken;
    },
  };
}

/** In an empty folder, out of the repository `$1` as of `$2`, into which nothing is written; one script, and no clone. */
const makeTree = `
export GIT_DIR="$1" GIT_WORK_TREE="$PWD" GIT_INDEX_FILE="$PWD/../index"
export GIT_OBJECT_DIRECTORY="$PWD/../objects" GIT_ALTERNATE_OBJECT_DIRECTORIES="$1/objects"
mkdir ../objects
git read-tree "$2"
git checkout-index --all
# Where it does not fit on this base, the script has to make it anew.
test ! -s ../earlier.diff || git apply --index ../earlier.diff 2>/dev/null || true
cp -R ../made/. .
git add --all
git diff --cached --no-color --full-index "$2"`;

function writeFiles(dir: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}
