import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogContext } from '../../parsers/define.ts';
import { type ParsedLog, readLog } from '../../parsers/read-log.ts';

export const fixturesFolder = join(import.meta.dirname, '../../parsers/fixtures');

type Meta = LogContext & { readonly exitCode: number | null; readonly reason?: string };

/** One recorded log, by `<name>/<situation>`. */
export type ParserFixture = {
  readonly name: string;
  readonly situation: string;
  readonly meta: Meta;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** What is to be read out of it; findings without `raw_json`. */
  readonly expected: unknown;
};

/** Every fixture of every parser. `.log` stands for both streams merged into stdout. */
export function parserFixtures(): ParserFixture[] {
  return readdirSync(fixturesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const folder = join(fixturesFolder, name);
      const situations = readdirSync(folder).filter((file) => file.endsWith('.meta.json'));
      return situations.map((file) => fixture(folder, name, file.slice(0, -'.meta.json'.length)));
    });
}

function fixture(folder: string, name: string, situation: string): ParserFixture {
  const read = (extension: string) => {
    const path = join(folder, `${situation}.${extension}`);
    return existsSync(path) ? readFileSync(path) : null;
  };
  const expected = read('json');
  return {
    name,
    situation,
    meta: JSON.parse(String(read('meta.json'))),
    stdout: read('stdout') ?? read('log') ?? Buffer.alloc(0),
    stderr: read('stderr') ?? Buffer.alloc(0),
    expected: expected === null ? null : JSON.parse(String(expected)),
  };
}

export type Piece = readonly ['stdout' | 'stderr', Uint8Array];

/** Reads a fixture, in the given pieces or stream by stream. */
export function parsed(one: ParserFixture, pieces?: readonly Piece[]): ParsedLog {
  const { exitCode, reason = 'exited', ...context } = one.meta;
  const reader = readLog(context);
  for (const [stream, chunk] of pieces ?? [['stdout', one.stdout] as const, ['stderr', one.stderr] as const]) {
    reader.write(stream, chunk);
  }
  return reader.end({ exitCode, reason });
}

/** What a fixture's `.json` holds; `tests` only where a tool counted some. */
export function summary({ findings, tools, tests, problems }: ParsedLog): unknown {
  return { findings: findings.map(({ raw_json: _, ...rest }) => rest), tools, ...(tests ? { tests } : {}), problems };
}
