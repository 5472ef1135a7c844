import { createHmac, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobEnqueuedData } from '../../events/jobs/job.ts';
import type { Report } from '../io/log-stream.ts';
import { readSessions, type TestReport, testReportName } from '../jobs/rules/test-report.ts';
import { resultFiles } from './reports/result-files.ts';

/** How the tests of a proof are watched: what its processes are told, what they may read, and what came of it. */
type ProofWatch = {
  readonly env: Readonly<Record<string, string>>;
  readonly read: readonly string[];
  /** What the runners of tests said; null when none of ours was there. To be called when the job's processes have ended. */
  collect(): Promise<Report | null>;
};

const reporters = fileURLToPath(new URL('reporters', import.meta.url));
const folderName = '.crafting-table-report';
/** Processes of one job that may report. */
const mostSessions = 32;
const bytesPerSession = 8 * 1024 * 1024;

/** What of a job its watch depends on. */
type Watched = Pick<JobEnqueuedData, 'purpose' | 'command' | 'env' | 'patch'>;

type Place = {
  readonly home: string;
  readonly seenHome: string;
  readonly cwd: string;
  /** What every recipe starts from. */
  readonly inherited: Readonly<Record<string, string>>;
};

/**
 * Puts reporters of ours beside the runners of tests of a proof, out of a folder that the job can only read. They write to a folder
 * in its HOME, not to its tree, and sign what they write; each process takes a key of its own. Where the runner takes no reporter, its
 * result files are read, if it writes them itself. Null for any other job.
 */
export async function watchProof(data: Watched, { home, seenHome, cwd, inherited }: Place): Promise<ProofWatch | null> {
  if (data.purpose !== 'verify') return null;
  const folder = join(home, folderName);
  await mkdir(join(folder, 'keys'), { recursive: true });
  await Promise.all([folder, join(folder, 'keys')].map((one) => chmod(one, 0o777)));
  const keys = Array.from({ length: mostSessions }, (_, at) => ({
    name: `${at}`.padStart(2, '0'),
    key: randomBytes(32).toString('hex'),
  }));
  await Promise.all(keys.map(({ name, key }) => writeFile(join(folder, 'keys', name), key, { mode: 0o644 })));
  const seen = join(seenHome, folderName);
  const files = await resultFiles(data.command, cwd);
  const kept = (report: TestReport): Report => ({
    name: testReportName,
    bytes: Buffer.from(JSON.stringify(report)),
  });
  return {
    env: await watchedEnvironment(data, { folder: seen, cwd, inherited }),
    read: [reporters],
    collect: async () => {
      const sessions = [];
      if (!(await lstat(folder).catch(() => null))?.isDirectory()) return null;
      for (const { name, key } of keys) {
        const text = await readBounded(join(folder, `${name}.jsonl`));
        if (text === null) continue;
        const macOf = (before: string, line: string) =>
          createHmac('sha256', key)
            .update(before + line)
            .digest('hex');
        sessions.push({ text, macOf });
      }
      if (sessions.length > 0) return kept(readSessions(sessions));
      const told = (await files?.()) ?? null;
      return told === null ? null : kept(told);
    },
  };
}

async function watchedEnvironment(
  { command, env, patch }: Watched,
  { folder, cwd, inherited }: { folder: string; cwd: string; inherited: Readonly<Record<string, string>> },
): Promise<Record<string, string>> {
  const joined = (name: string, by: string, ...ours: string[]) => [...ours, env[name] ?? ''].filter(Boolean).join(by);
  const scripts = /\b(?:npm|pnpm|yarn|bun)\b/.test(command)
    ? await readFile(join(cwd, 'package.json'), 'utf8').catch(() => '')
    : '';
  const isDisguised = patch?.disguised === true;
  const words = `${command}\n${scripts}`;
  const node = [...nodeOptions(words, { folder, isDisguised }), ...runnerOptions(words, isDisguised)];
  return {
    CRAFTING_REPORT_DIR: folder,
    PYTHONPATH: joined('PYTHONPATH', ':', join(reporters, 'python')),
    // Nothing is to be written beside our own files.
    PYTHONDONTWRITEBYTECODE: '1',
    PYTEST_ADDOPTS: joined('PYTEST_ADDOPTS', ' ', '-p crafting_table_pytest'),
    ...(node.length > 0 ? { NODE_OPTIONS: joined('NODE_OPTIONS', ' ', ...node) } : {}),
    ...(/\b(?:php|phpunit|composer)\b/.test(words)
      ? {
          CRAFTING_REPORT_PHP: `${reporters}/php/prepend.php`,
          PHP_INI_SCAN_DIR: `${env['PHP_INI_SCAN_DIR'] ?? ''}:${reporters}/php`,
        }
      : {}),
    ...(existsRuby(words) ? { RUBYOPT: joined('RUBYOPT', ' ', `-r${reporters}/ruby/crafting_table_report.rb`) } : {}),
    ...(/\bgo\s+test\b/.test(command)
      ? { GOFLAGS: [inherited['GOFLAGS'], env['GOFLAGS'], '-v'].filter(Boolean).join(' ') }
      : {}),
    ...(isDisguised ? { CRAFTING_DISGUISED: '1' } : {}),
  };
}

/** Started by a name of Ruby's own: each such process loads the reporter. */
const existsRuby = (words: string): boolean => /\b(?:ruby|rake|rspec|bundle|rails|minitest|m)\b/.test(words);

/** Reporters come in pairs with where they write: with one of the command's own, that is its standard output. */
function nodeOptions(words: string, { folder, isDisguised }: { folder: string; isDisguised: boolean }): string[] {
  if (!/\bnode\b[^\n;&|]*\s--test\b/.test(words)) return [];
  const named = words.match(/--test-reporter[= ]/g)?.length ?? 0;
  const placed = words.match(/--test-reporter-destination[= ]/g)?.length ?? 0;
  if (named > 1 && placed !== named) return [];
  const mine = [`--test-reporter=${reporters}/node/node-test.mjs`, `--test-reporter-destination=${folder}/node.txt`];
  const theirs = named === 0 ? ['--test-reporter=spec'] : [];
  const disguise = [`--import=${reporters}/node/${isDisguised ? 'disguise' : 'guard'}.mjs`];
  return [...disguise, ...mine, ...theirs, ...(placed === 0 ? ['--test-reporter-destination=stdout'] : [])];
}

/** Jest and vitest are given a reporter where they start, mocha and ava a listener. */
const runnerOptions = (words: string, isDisguised: boolean): string[] =>
  /\b(?:jest|vitest|mocha|ava)\b/.test(words)
    ? [`--import=${reporters}/node/${isDisguised ? 'hidden-names' : 'runners'}.mjs`]
    : [];

/** Never through a link, and nothing that is no file: the job could put anything there. */
async function readBounded(path: string): Promise<string | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => null);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    if (!(await file.stat()).isFile()) return null;
    const bytes = Buffer.alloc(Math.min(size, bytesPerSession));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
