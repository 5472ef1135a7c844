import { readLog } from '../parsers/read-log.ts';
import { type Figure, median, printed } from './figure.ts';

const size = 50 * 1024 * 1024;
const chunkSize = 64 * 1024;
const rounds = 3;
/** Reading a log has to reach this share of what `JSON.parse` alone does with the same bytes. */
const limit = 0.4;

const context = { recipe: 'lint', command: 'make lint', subproject: '.', roots: ['/work-tree'] } as const;

/** Lines as `cargo clippy --message-format=json` prints them: a diagnostic among artifacts. */
function clippyLog(): string {
  const artifact = JSON.stringify({
    reason: 'compiler-artifact',
    package_id: 'registry+index#serde@1.0.200',
    manifest_path: '/registry/serde/Cargo.toml',
    target: { kind: ['lib'], crate_types: ['lib'], name: 'serde', src_path: '/registry/serde/src/lib.rs' },
    features: ['default', 'derive', 'serde_derive', 'std'],
    filenames: ['/work-tree/target/debug/deps/libserde.rlib', '/work-tree/target/debug/deps/libserde.rmeta'],
    fresh: true,
  });
  const lines: string[] = [];
  for (let bytes = 0, at = 1; bytes < size; at += 1) {
    const span = { file_name: 'src/lib.rs', line_start: (at % 500) + 1, line_end: 7, column_start: 5, column_end: 9 };
    const message = {
      rendered: 'warning: unneeded `return` statement\n --> src/lib.rs:7:5\n  |\n7 |     return a + b;\n'.repeat(4),
      level: 'warning',
      message: 'unneeded `return` statement',
      code: { code: 'clippy::needless_return', explanation: null },
      spans: [{ ...span, is_primary: true, text: [{ text: '    return a + b;' }] }],
      children: [],
    };
    const diagnostic = { reason: 'compiler-message', manifest_path: '/work-tree/Cargo.toml', message };
    for (const line of [artifact, artifact, artifact, JSON.stringify(diagnostic)]) {
      lines.push(line);
      bytes += line.length + 1;
    }
  }
  return `${lines.join('\n')}\n`;
}

/**
 * One array on one line, as `eslint -f json` prints it. ESLint prints the source of every file that it has something to
 * say about: the shorter that is, the more of the log is messages.
 */
function eslintLog(lines: number): string {
  const source = "  const answer = await ask('question', 42);\n".repeat(lines);
  const files: string[] = [];
  for (let bytes = 0, at = 1; bytes < size; at += 1) {
    const messages = Array.from({ length: 3 }, (_, line) => ({
      ruleId: 'no-unused-vars',
      severity: 2,
      message: "'answer' is assigned a value but never used.",
      line: line + 1,
      column: 7,
      endLine: line + 1,
      endColumn: 13,
    }));
    const file = JSON.stringify({ filePath: `/work-tree/src/${at % 900}.js`, messages, errorCount: 3, source });
    files.push(file);
    bytes += file.length + 1;
  }
  return `[${files.join(',')}]\n`;
}

function ours(bytes: Buffer): number {
  const started = performance.now();
  const reader = readLog({ ...context, language: 'rust' });
  for (let at = 0; at < bytes.length; at += chunkSize) reader.write('stdout', bytes.subarray(at, at + chunkSize));
  const log = reader.end({ exitCode: 1, reason: 'exited' });
  if (log.findings.length === 0) throw new Error('the log was not read');
  return performance.now() - started;
}

function plain(bytes: Buffer, byLine: boolean): number {
  const started = performance.now();
  const text = bytes.toString('utf8');
  for (const document of byLine ? text.split('\n') : [text]) if (document !== '') JSON.parse(document);
  return performance.now() - started;
}

/** Reading a log of 50 MB, in MB/s, against `JSON.parse` alone over the same bytes, measured in turns. */
export async function run(): Promise<Figure[]> {
  const logs = [
    ['clippy NDJSON', clippyLog, true],
    ['eslint array', () => eslintLog(120), false],
    ['eslint array, dense', () => eslintLog(25), false],
  ] as const;
  return logs.map(([name, log, byLine]) => {
    const bytes = Buffer.from(log());
    const times = { ours: [] as number[], plain: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      times.ours.push(ours(bytes));
      times.plain.push(plain(bytes, byLine));
    }
    const speed = (values: readonly number[]) => bytes.length / 1e3 / median(values);
    return {
      what: `reading a log, ${name}`,
      unit: 'MB/s',
      ours: speed(times.ours),
      limit: speed(times.plain),
      target: { atLeast: limit },
    };
  });
}

if (import.meta.main) await printed(run);
